import Foundation
import Platform
import Recordings

/// Brings one file of a remote to a file here, and goes on where an earlier try ended.
///
/// `rclone copyto` starts a file anew after every interruption, so the bytes come by `rclone cat --offset`, and what came
/// is held to the size and time of the listing, and to the remote's hashes where it has any.
struct RcloneTransfer: Sendable {
    let program: RcloneProgram
    let retry: RetryPolicy
    let time: any PlatformTime

    enum Outcome: Hashable, Sendable {
        case received(bytes: Int64)
        /// It was listed and is not there any more.
        case gone
        /// It is another file than it was when it was listed: its writer has not finished.
        case changed(detail: String)
    }

    /// More came than was listed.
    private struct Grown: Error {}

    /// A try that brought this many bytes has shown that the way is open; the next trouble is counted from the start.
    private static let headway: Int64 = 1 << 20

    /// - Parameters:
    ///   - item: the file as it was listed.
    ///   - address: the file as rclone takes it.
    ///   - destination: absolute; its folder must exist.
    ///   - progress: bytes, those of earlier tries counted.
    /// - Throws: ``RcloneTrouble``; `Failure` with code `corrupt` when the bytes twice did not have the remote's hash, or
    ///   that of this machine.
    func fetch(
        _ item: RcloneItem,
        at address: String,
        to destination: String,
        permissions: UInt32,
        progress: (Int64) -> Void
    ) async throws -> Outcome {
        for _ in 0..<2 {
            var file = try await PartialFile<String>.open(destination, from: address)
            let goesOn = file.adopted == item.fingerprint && (item.size < 0 || file.count <= item.size)
            try file.begin(at: goesOn ? file.count : 0, mark: item.fingerprint)
            do {
                try await receive(item, at: address, into: &file, progress)
            } catch is Grown {
                file.abandon()
                return .changed(detail: "it has more than the \(item.size) bytes that were listed")
            } catch let trouble as RcloneTrouble where trouble.kind == .notFound {
                return .gone
            }
            switch try await verdict(file, item, at: address) {
            case .same:
                let bytes = file.count
                try await file.publish(permissions: permissions)
                return .received(bytes: bytes)
            case .changed(let detail):
                file.abandon()
                return .changed(detail: detail)
            case .differs:
                // Once more from the start: what an earlier run left may have been damaged since.
                file.abandon()
            }
        }
        throw Failure(
            .corrupt,
            "\(address) does not have the hash that the remote says it has",
            advice: "Ask whoever provides it whether the file is complete, and run it again"
        )
    }

    private func receive(
        _ item: RcloneItem,
        at address: String,
        into file: inout PartialFile<String>,
        _ progress: (Int64) -> Void
    ) async throws {
        var retries = Retries(retry, isIdempotent: true)
        progress(file.count)
        while item.size < 0 || file.count < item.size {
            let start = file.count
            var trouble = RcloneTrouble(.passing, "it ended before the file did")
            do {
                try await program.run("cat", ["--offset=\(start)"], address) { bytes in
                    guard item.size < 0 || file.count + Int64(bytes.count) <= item.size else { throw Grown() }
                    try file.append(bytes)
                    progress(file.count)
                }
                if item.size < 0 || file.count == item.size { return }
            } catch let caught as RcloneTrouble {
                trouble = caught
            }
            guard trouble.kind == .passing else { throw trouble }
            if file.count - start >= Self.headway { retries.madeHeadway() }
            guard
                case .wait(let nanoseconds, _) = retries.next(
                    after: .network(TransportError(.cut, trouble.said)),
                    chance: time.random()
                )
            else { throw trouble }
            try await time.sleep(nanoseconds: nanoseconds)
        }
    }

    private enum Verdict {
        case same
        case changed(String)
        /// The remote's hash is of other bytes.
        case differs
    }

    /// Looks a second time: the file has to be what was listed, and what came has to be the file.
    private func verdict(
        _ file: borrowing PartialFile<String>,
        _ item: RcloneItem,
        at address: String
    ) async throws -> Verdict {
        let flags =
            ["--files-only", "--no-mimetype", "--hash"] + ["md5", "sha1", "sha256"].map { "--hash-type=\($0)" }
        let now: RcloneItem?
        do {
            now = try await program.list(address, flags).first
        } catch let trouble as RcloneTrouble where trouble.kind == .notFound {
            now = nil
        }
        guard let now else { return .changed("it was taken away while it was fetched") }
        guard now.size == item.size, now.size < 0 || now.size == file.count else {
            return .changed("it had \(item.size) bytes, and a moment later \(now.size)")
        }
        var agrees = false
        for (name, hex) in now.hashes ?? [:] {
            guard let algorithm = ExpectedDigest.Algorithm(field: name), hex.count == algorithm.length * 2 else {
                continue
            }
            guard try await file.hex(algorithm) == hex.lowercased() else {
                return now.modified == item.modified ? .differs : .changed("it was written to while it was fetched")
            }
            agrees = true
        }
        // Some remotes tell another time at each look; the hash is the better witness.
        guard agrees || now.modified == item.modified else { return .changed("it was written to while it was fetched") }
        return .same
    }
}
