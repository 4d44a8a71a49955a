import CSHA256
import Crypto
import Foundation
package import Recordings

/// The SHA-256 of one member after the other.
///
/// Where the processor has instructions for it, several messages at a time cost little more than one: members that are hashed
/// later (``remember(_:)``) are hashed side by side, or beside their archive, whose own digest is taken along.
package final class MemberHasher {
    private var own = BlockHasher()
    private var portable = SHA256()
    /// What is to be hashed still, in its order; the first pieces of it are done.
    private var pieces: [HeldBytes] = []
    private var done = 0
    /// How many bytes are to be hashed still.
    package private(set) var waitingBytes = 0

    package init() {}

    /// Begins another member.
    package func restart() {
        forget()
        if BlockHasher.isAvailable { own.restart() } else { portable = SHA256() }
    }

    /// Takes the next bytes of a member, at once.
    ///
    /// - Parameter archive: whose digest is to be taken meanwhile.
    package func update(_ bytes: UnsafeRawBufferPointer, beside archive: Fingerprint? = nil) {
        settle()
        guard BlockHasher.isAvailable else { return portable.update(bufferPointer: bytes) }
        guard let archive, archive.isTakingAlong else { return own.update(bytes) }
        archive.take(turn: .waitedFor) { $0.update(&own, bytes) }
    }

    /// Takes the next bytes of a member, to be hashed when it settles.
    package func remember(_ bytes: HeldBytes) {
        guard bytes.count > 0 else { return }
        pieces.append(bytes)
        waitingBytes += bytes.count
    }

    /// The digest; the next member begins with ``restart()``.
    package func finish() -> Recordings.Digest {
        settle()
        return BlockHasher.isAvailable ? own.finish() : Digest(bytes: portable.finalize())
    }

    /// Hashes what several members remember, and their archive beside them.
    ///
    /// - Parameter waits: whether to wait where another thread is at the archive's digest.
    /// - Returns: false where it did not wait: then nothing was done.
    package static func settle(_ members: [MemberHasher], beside archive: Fingerprint?, waits: Bool) -> Bool {
        guard BlockHasher.isAvailable else {
            for member in members { member.settle() }
            return true
        }
        if let archive, archive.isTakingAlong, members.contains(where: { $0.waitingBytes > 0 }) {
            let hasTurn = archive.take(turn: waits ? .waitedFor : .ifFree) { archive in
                for member in members { member.settle(beside: &archive) }
            }
            guard hasTurn else { return false }
        }
        settleSideBySide(members)
        return true
    }

    /// As many at a time as can be; who is done makes place for the next.
    private static func settleSideBySide(_ members: [MemberHasher]) {
        // The longest first: less is left over for one alone.
        var waiting = members.sorted { $0.waitingBytes > $1.waitingBytes }[...]
        var taken: [MemberHasher] = []
        while true {
            for member in taken { member.beginBlock() }
            taken.removeAll { $0.waitingBytes == 0 }
            while taken.count < BlockHasher.mostLanes, let next = waiting.popFirst() {
                next.beginBlock()
                if next.waitingBytes > 0 { taken.append(next) }
            }
            guard let blocks = taken.compactMap(\.next?.count).min().map({ $0 / BlockHasher.blockSize }) else { return }
            BlockHasher.take(blocks, taken.compactMap(\.lane))
            for member in taken {
                member.own.didTake(blocks)
                member.didHash(blocks * BlockHasher.blockSize)
            }
        }
    }

    // MARK: What is remembered

    private func settle() {
        while let bytes = next {
            if BlockHasher.isAvailable { own.update(bytes) } else { portable.update(bufferPointer: bytes) }
            didHash(bytes.count)
        }
    }

    /// Goes on to where a block begins that lies in one piece, or to the end.
    private func beginBlock() {
        while let bytes = next, own.missing > 0 || bytes.count < BlockHasher.blockSize {
            let part = own.missing > 0 ? bytes.prefix(own.missing) : bytes[...]
            own.update(UnsafeRawBufferPointer(rebasing: part))
            didHash(part.count)
        }
    }

    private var lane: csha256_lane? { next?.baseAddress.map { own.lane($0) } }

    /// As much as the archive goes along.
    private func settle(beside archive: inout ArchiveHashing) {
        while let bytes = next {
            let used = archive.takeAlong(&own, bytes)
            didHash(used)
            guard used == bytes.count else { return }
        }
    }

    private var next: UnsafeRawBufferPointer? { done < pieces.count ? pieces[done].pointer : nil }

    private func didHash(_ count: Int) {
        waitingBytes -= count
        guard waitingBytes > 0 else { return forget() }
        guard count < pieces[done].count else {
            done += 1
            return
        }
        pieces[done] = HeldBytes(UnsafeRawBufferPointer(rebasing: pieces[done].pointer[count...]))
    }

    private func forget() {
        pieces.removeAll(keepingCapacity: true)
        done = 0
        waitingBytes = 0
    }
}
