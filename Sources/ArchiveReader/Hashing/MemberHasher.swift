import Crypto
import Foundation
package import Recordings

/// The SHA-256 of one member after the other.
///
/// Where the processor has instructions for it, the archive's own digest is taken along: two at a time cost little more than one.
package struct MemberHasher: ~Copyable {
    private var own = BlockHasher()
    private var portable = SHA256()

    package init() {}

    /// Begins another member.
    package mutating func restart() {
        if BlockHasher.isAvailable { own.restart() } else { portable = SHA256() }
    }

    /// Takes the next bytes of a member.
    ///
    /// - Parameter archive: whose digest is to be taken meanwhile.
    package mutating func update(_ bytes: UnsafeRawBufferPointer, beside archive: Fingerprint? = nil) {
        guard BlockHasher.isAvailable else { return portable.update(bufferPointer: bytes) }
        guard let archive else { return own.update(bytes) }
        archive.update(&own, bytes)
    }

    /// The digest; the next member begins with ``restart()``.
    package mutating func finish() -> Recordings.Digest {
        BlockHasher.isAvailable ? own.finish() : Digest(bytes: portable.finalize())
    }
}
