import ArchiveReader
import AudioProbe
import Recordings

/// A file on its way into its blob: written and probed as its bytes come, named when it is hashed.
final class MemberInHand {
    let blob: BlobFile
    let hasher = MemberHasher()
    private(set) var header: MemberHeader?
    /// How it came out of the archive, once it has.
    var outcome = MemberOutcome.whole
    private(set) var size: Int64 = 0
    /// Its beginning, that tells archives.
    private(set) var head: [UInt8] = []
    private var probe: AudioProbe?

    init(_ blob: BlobFile) {
        self.blob = blob
        head.reserveCapacity(ArchiveReader.kindBytes)
    }

    /// Begins the next file.
    func begin(_ header: MemberHeader) throws(Failure) {
        self.header = header
        probe = AudioProbe()
        hasher.restart()
        size = 0
        head.removeAll(keepingCapacity: true)
        try blob.start()
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        if head.count < ArchiveReader.kindBytes {
            head.append(contentsOf: bytes.prefix(ArchiveReader.kindBytes - head.count))
        }
        size += Int64(bytes.count)
        try blob.write(bytes)
        // Writing has brought the bytes close, in order; the probe skips from frame to frame.
        probe?.consume(bytes)
    }

    /// What the probe says of the whole file; to be asked once.
    func findings() -> AudioFindings {
        probe.take()?.finished() ?? AudioFindings(audio: nil)
    }
}

extension AudioProbe {
    consuming func finished() -> AudioFindings {
        var probe = self
        return probe.finish()
    }
}
