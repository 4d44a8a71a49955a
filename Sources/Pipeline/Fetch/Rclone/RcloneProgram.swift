import Foundation
import Recordings

/// The installed rclone, run for what it prints.
package struct RcloneProgram: Sendable {
    private let executable: String?
    private let environment: [String: String]
    private let options: [String]

    /// - Parameters:
    ///   - environment: this process's. rclone gets it without what is Dialvault's own, secrets included.
    ///   - bwlimit: a rate or timetable, as rclone takes it.
    ///   - retries: how often it tries a single operation again.
    package init(environment: [String: String], bwlimit: String? = nil, retries: Int = 2) {
        self.environment = environment.filter { !$0.key.hasPrefix("DIALVAULT_") }
        executable = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
            .map { "\($0)/rclone" }.first { access($0, X_OK) == 0 }
        // The output is the result: nothing else may be in it, and nobody is there to be asked for a password.
        var options = [
            "--progress=false", "--stats=0", "--ask-password=false", "--retries=1",
            "--low-level-retries=\(retries + 1)",
            "--contimeout=15s",
        ]
        if let bwlimit { options.append("--bwlimit=\(bwlimit)") }
        self.options = options
    }

    /// Runs a command of rclone and hands out its output as it comes.
    ///
    /// Cancellation ends it, and so does an error of `receive`.
    ///
    /// - Parameter place: a remote and a path, the command's last argument.
    /// - Throws: ``RcloneTrouble`` when rclone says that it failed.
    func run(
        _ command: String,
        _ flags: [String] = [],
        _ place: String,
        _ receive: ([UInt8]) throws -> Void
    ) async throws {
        guard let executable else { throw RcloneTrouble.notInstalled }
        try Task.checkCancellation()
        let process = try await TiedProcess.start(
            executable,
            [command] + options + flags + ["--", place],
            environment: environment
        )
        let ending = try await withTaskCancellationHandler {
            do {
                while case let bytes = await process.read(), !bytes.isEmpty { try receive(bytes) }
            } catch {
                process.kill()
                _ = await process.end()
                throw error
            }
            return await process.end()
        } onCancel: {
            process.kill()
        }
        try Task.checkCancellation()
        if let trouble = RcloneTrouble(ending) { throw trouble }
    }

    /// The most that is read of a listing: some 300,000 files.
    private static let listingBytes = 64 << 20

    /// The files at or below a place.
    ///
    /// - Throws: ``RcloneTrouble``, with kind `notFound` when the place is not there.
    func list(_ place: String, _ flags: [String]) async throws -> [RcloneItem] {
        var text: [UInt8] = []
        try await run("lsjson", flags, place) { bytes in
            text += bytes
            guard text.count <= Self.listingBytes else {
                throw RcloneTrouble(.final, "its listing is over \(Self.listingBytes) bytes")
            }
        }
        do {
            return try JSONDecoder().decode([RcloneItem].self, from: Data(text))
        } catch {
            throw RcloneTrouble(.final, "its listing cannot be read")
        }
    }
}

/// A file as `rclone lsjson` lists it (rclone's documentation, "rclone lsjson").
struct RcloneItem: Decodable, Hashable, Sendable {
    /// Below the place that was listed.
    var path: String
    /// Negative when the remote does not know.
    var size: Int64
    /// As it was written; its precision is the remote's.
    var modified: String
    /// By rclone's name of the algorithm, in hex; only of what the remote has.
    var hashes: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case path = "Path"
        case size = "Size"
        case modified = "ModTime"
        case hashes = "Hashes"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        path = try values.decode(String.self, forKey: .path)
        size = try values.decodeIfPresent(Int64.self, forKey: .size) ?? -1
        modified = try values.decodeIfPresent(String.self, forKey: .modified) ?? ""
        hashes = try values.decodeIfPresent([String: String].self, forKey: .hashes)
    }

    /// Changes when the file does.
    var fingerprint: String { "\(size) bytes, modified \(modified)" }
}
