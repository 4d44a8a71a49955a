import ArchiveReader
import Crypto
import Foundation
import Recordings
import Synchronization
import TestSupport
import Testing

/// Members on several threads. Digests are held against swift-crypto's.
@Suite("Members that are put off", .timeLimit(.minutes(3)))
struct FanOutTests {
    /// Puts off all that it may, until it is told to settle.
    private final class PuttingOff: MemberSink {
        let fingerprint: Fingerprint?
        private let failsAt: Int?
        private let found = Mutex<[Int: Recordings.Digest]>([:])
        private let failures = Mutex<[Int]>([])

        /// - Parameter failsAt: the entry that cannot be begun, as if the disk were full.
        init(_ fingerprint: Fingerprint?, failsAt: Int? = nil) {
            self.fingerprint = fingerprint
            self.failsAt = failsAt
        }

        var digests: [Int: Recordings.Digest] { found.withLock { $0 } }
        /// Of the thread that failed, the members that had ended.
        var endedBefore: [Int] { failures.withLock { $0 } }

        func makeLane() -> Lane { Lane(self) }

        final class Lane: MemberLane {
            private let sink: PuttingOff
            private var current: (index: Int, hasher: MemberHasher)?
            private var ended: [(index: Int, hasher: MemberHasher)] = []
            private var indexes: [Int] = []

            init(_ sink: PuttingOff) { self.sink = sink }

            func begin(_ header: MemberHeader) throws(Failure) {
                if header.index == sink.failsAt {
                    sink.failures.withLock { $0 = indexes }
                    throw Failure(.diskFull, "the disk is full")
                }
                current = (header.index, MemberHasher())
            }

            func take(_ bytes: RawSpan) throws(Failure) {
                bytes.withUnsafeBytes { current?.hasher.update($0, beside: sink.fingerprint) }
            }

            func take(_ bytes: HeldBytes) throws(Failure) { current?.hasher.remember(bytes) }

            func end(_ outcome: MemberOutcome) throws(Failure) {
                guard let current else { return }
                ended.append(current)
                indexes.append(current.index)
                self.current = nil
            }

            var isSettled: Bool { ended.isEmpty && current?.hasher.waitingBytes ?? 0 == 0 }

            func settle() throws(Failure) {
                let hashers = (ended + [current].compactMap(\.self)).map(\.hasher)
                // Where another thread is at the archive, once without waiting for it.
                if !MemberHasher.settle(hashers, beside: sink.fingerprint, waits: false) {
                    #expect(MemberHasher.settle(hashers, beside: sink.fingerprint, waits: true))
                }
                for member in ended {
                    let digest = member.hasher.finish()
                    sink.found.withLock { $0[member.index] = digest }
                }
                ended = []
            }
        }
    }

    private static func expected(_ bytes: [UInt8]) -> Recordings.Digest {
        Recordings.Digest(bytes: SHA256.hash(data: bytes))
    }

    /// Around SHA-256's blocks, libarchive's and the buffers, in pairs of all kinds; and a huge one between.
    private static let sizes: [Int] = {
        let edges = [64, 512, 4096, 128 << 10, 1 << 20].flatMap { [$0 - 1, $0, $0 + 1] }
        let pairs = edges.indices.flatMap { [edges[$0], edges[edges.count - 1 - $0], 0, 1] }
        return Array(0...130) + pairs + [12_000_000] + edges
    }()

    private static let pool = noise(12_010_000)

    private static func archive(_ sizes: [Int], _ packing: String, in folder: ScratchFolder) throws -> (
        path: String, members: [[UInt8]]
    ) {
        let members = sizes.enumerated().map { Array(pool[$0..<$0 + $1]) }
        var tar = TarBuilder()
        for (number, bytes) in members.enumerated() { tar.file("\(number)", bytes) }
        let packed = packing == "tar" ? tar.whole : try output(of: packing, ["-c"], input: tar.whole)
        return (try folder.write(Data(packed), to: "archive"), members)
    }

    @Test(
        "Every digest is right, of members that lie in the same buffers and of those that are longer than all of them",
        arguments: ["tar", "zstd"],
        [true, false]
    )
    func digests(_ packing: String, isReceived: Bool) throws {
        let folder = try ScratchFolder()
        let (path, members) = try Self.archive(Self.sizes, packing, in: folder)
        let whole = Self.expected(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        for lanes in [2, 3, 7] {
            var options = ArchiveReader.Options()
            options.lanes = lanes
            options.sha256 = isReceived ? whole : nil
            options.fingerprint = Fingerprint(isTakenAlong: true)
            let sink = PuttingOff(options.fingerprint)
            let report = try ArchiveReader(options).read(path, into: sink)
            #expect(report.state == .complete)
            #expect(report.sha256 == whole)
            #expect(sink.digests.count == members.count)
            for (index, bytes) in members.enumerated() {
                #expect(sink.digests[index] == Self.expected(bytes), "entry \(index) of \(bytes.count) bytes")
            }
        }
    }

    @Test("More members than there are buffers, all put off, come to their end", arguments: ["tar", "zstd"])
    func manySmall(_ packing: String) throws {
        let folder = try ScratchFolder()
        let sizes = (0..<4000).map { $0 % 300 * 7 }
        let (path, members) = try Self.archive(sizes, packing, in: folder)
        var options = ArchiveReader.Options()
        options.fingerprint = Fingerprint(isTakenAlong: true)
        let sink = PuttingOff(options.fingerprint)
        #expect(try ArchiveReader(options).read(path, into: sink).state == .complete)
        for (index, bytes) in members.enumerated() { #expect(sink.digests[index] == Self.expected(bytes)) }
    }

    @Test("A failure ends the reading; members that had ended before it are settled", arguments: [0, 1, 60, 190])
    func failure(_ failsAt: Int) throws {
        let folder = try ScratchFolder()
        let (path, members) = try Self.archive(Self.sizes, "tar", in: folder)
        var options = ArchiveReader.Options()
        options.fingerprint = Fingerprint(isTakenAlong: true)
        let sink = PuttingOff(options.fingerprint, failsAt: failsAt)
        let failure = #expect(throws: Failure.self) { try ArchiveReader(options).read(path, into: sink) }
        #expect(failure?.code == .diskFull)
        for index in sink.endedBefore { #expect(sink.digests[index] == Self.expected(members[index])) }
        #expect(sink.digests[failsAt] == nil)
    }
}
