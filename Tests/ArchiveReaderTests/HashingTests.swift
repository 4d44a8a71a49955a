import ArchiveReader
import Crypto
import Foundation
import Recordings
import Synchronization
import TestSupport
import Testing

/// Digests are held against swift-crypto's.
@Suite("Digests")
struct HashingTests {
    private static func expected(_ bytes: [UInt8]) -> Recordings.Digest {
        Recordings.Digest(bytes: SHA256.hash(data: bytes))
    }

    @Test("The examples of FIPS 180-4, in one piece")
    func examples() {
        // From NIST's example values for SHA-256: one block, and two.
        for (text, hex) in [
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ] {
            let hasher = MemberHasher()
            Array(text.utf8).withUnsafeBytes { hasher.update($0) }
            #expect(hasher.finish().hex == hex)
        }
    }

    @Test("Every length, in pieces of every size")
    func lengths() {
        let bytes = noise(400)
        let hasher = MemberHasher()
        for length in 0...200 {
            for piece in [1, 3, 55, 64, 65, 400] {
                hasher.restart()
                bytes[..<length].withUnsafeBytes { bytes in
                    var place = 0
                    while place < bytes.count {
                        let end = min(place + piece, bytes.count)
                        hasher.update(UnsafeRawBufferPointer(rebasing: bytes[place..<end]))
                        place = end
                    }
                }
                #expect(hasher.finish() == Self.expected(Array(bytes[..<length])), "\(length) bytes by \(piece)")
            }
        }
    }

    /// Hashes members beside their archive.
    private final class Hashing: MemberSink {
        let fingerprint = Fingerprint(isTakenAlong: true)
        private let found = Mutex<[String: Recordings.Digest]>([:])

        var digests: [String: Recordings.Digest] { found.withLock { $0 } }

        func makeLane() -> Lane { Lane(self) }

        final class Lane: MemberLane {
            private let sink: Hashing
            private let hasher = MemberHasher()
            private var name = ""

            init(_ sink: Hashing) { self.sink = sink }

            func begin(_ header: MemberHeader) throws(Failure) {
                name = header.name.text
                hasher.restart()
            }

            func take(_ bytes: RawSpan) throws(Failure) {
                bytes.withUnsafeBytes { hasher.update($0, beside: sink.fingerprint) }
            }

            func end(_ outcome: MemberOutcome) throws(Failure) {
                let (name, digest) = (name, hasher.finish())
                sink.found.withLock { $0[name] = digest }
            }
        }
    }

    /// Members of many sizes; of audio's entropy, or of zeros where the archive is to be much shorter than they are.
    private static func members(isShort: Bool) -> [(name: String, bytes: [UInt8])] {
        [0, 1, 4095, 4096, 4097, 64 * 1024, 200_001, 1_500_000].enumerated().map { number, size in
            (
                "\(number)",
                isShort ? [UInt8](repeating: UInt8(number), count: size) : noise(size, seed: UInt64(number + 1))
            )
        }
    }

    @Test(
        "An archive's digest is right beside those of its members, whichever of them is longer",
        arguments: [("cat", false), ("gzip", false), ("gzip", true), ("zstd", false), ("zstd", true), ("zip", false)],
        [1, 2]
    )
    func beside(_ packing: (program: String, isShort: Bool), lanes: Int) throws {
        let members = Self.members(isShort: packing.isShort)
        let folder = try ScratchFolder()
        let path: String
        if packing.program == "zip" {
            for member in members { try folder.write(Data(member.bytes), to: member.name) }
            try Program("sh", ["-c", "zip -q archive.zip ?"], in: folder.path)
            path = folder.file("archive.zip")
        } else {
            var tar = TarBuilder()
            for member in members { tar.file(member.name, member.bytes) }
            let packed = try output(of: packing.program, packing.program == "cat" ? [] : ["-c"], input: tar.whole)
            path = try folder.write(Data(packed), to: "archive")
        }
        let sink = Hashing()
        var options = ArchiveReader.Options()
        options.lanes = lanes
        options.fingerprint = sink.fingerprint
        let report = try ArchiveReader(options).read(path, into: sink)
        #expect(report.state == .complete)
        #expect(report.sha256 == Self.expected(Array(try Data(contentsOf: URL(fileURLWithPath: path)))))
        for member in members { #expect(sink.digests[member.name] == Self.expected(member.bytes), "\(member.name)") }
    }

    @Test(
        "The archive's digest is right where none of its members are hashed, and where it is not read to its end",
        arguments: ["cat", "gzip", "zstd"],
        [1, 2]
    )
    func alone(_ program: String, lanes: Int) throws {
        // More than is held for those who hash.
        var tar = TarBuilder()
        for number in 0..<3 { tar.file("\(number)", noise(9_000_000, seed: UInt64(number))) }
        let packed = try output(of: program, program == "cat" ? [] : ["-c"], input: tar.whole)
        for most in [1, 2, 10] {
            let reading = try Reading(packed) { options in
                options.lanes = lanes
                options.limits.members = most
                options.fingerprint = Fingerprint(isTakenAlong: true)
            }
            #expect(reading.report.sha256 == Self.expected(packed))
            #expect(reading.report.state == (most < 3 ? .partial : .complete))
            #expect(reading.entries.count == min(most, 3))
        }
    }
}
