import Crypto
import Foundation
import Platform
import PlatformSimulator
import Recordings
import Testing

@Suite("Downloads")
struct DownloadTests {
    private static let bytes = noise(3_000_000)
    private static let sha256 = SHA256.hash(data: Data(bytes)).map {
        String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
    }
    .joined()

    private func withArchive(
        faults: [Fault] = [],
        _ arrange: (inout Account) -> Void = { _ in },
        _ work: (Scene) async throws -> Void
    ) async throws {
        try await Scene.run {
            $0.archives = ["day.zip": .bytes(Data(Self.bytes))]
            $0.faults = faults
            arrange(&$0)
        } _: { scene in
            try await work(scene)
        }
    }

    private func order(_ scene: Scene, _ path: String = "day.zip") -> Download.Order {
        Download.Order(url: scene.url("/archives/\(path)"), destination: scene.folder.file("day.zip"))
    }

    private func receipt(_ outcome: Download.Outcome) throws -> Download.Receipt {
        guard case .downloaded(let receipt) = outcome else {
            throw Failure(.badAnswer, "\(outcome)")
        }
        return receipt
    }

    @Test("an archive comes whole, with its digest, and nothing is left beside it")
    func whole() async throws {
        try await withArchive { scene in
            let receipt = try receipt(try await scene.download().fetch(order(scene)))
            #expect(receipt.bytes == 3_000_000)
            #expect(receipt.sha256.hex == Self.sha256)
            #expect(receipt.transferred == 3_000_000)
            #expect(!receipt.isHTML)
            #expect(scene.folder.contents("day.zip") == Self.bytes)
            #expect(scene.folder.names == ["day.zip"])
            let mode = try FileManager.default.attributesOfItem(atPath: scene.folder.file("day.zip"))[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o640)
        }
    }

    @Test("a cut is gone on with, and no byte comes twice")
    func cut() async throws {
        let faults = [Fault(.cutBody(afterBytes: 1_000_000), at: .archive, count: 2)]
        try await withArchive(faults: faults) { scene in
            let receipt = try receipt(try await scene.download().fetch(order(scene)))
            #expect(receipt.sha256.hex == Self.sha256)
            #expect(receipt.transferred == 3_000_000)
            #expect(scene.simulator.requests(to: .archive).map(\.status) == [200, 206, 206])
        }
    }

    @Test("what a killed run left is gone on with", arguments: [1, 65_536, 1_234_567, 2_999_999])
    func killed(at offset: Int) async throws {
        try await withArchive { scene in
            try await leave(offset, in: scene)
            let receipt = try receipt(try await scene.download().fetch(order(scene)))
            // What the dying connection still held may be lost; what was written is not.
            #expect(receipt.resumedAt <= Int64(offset))
            #expect(receipt.transferred == 3_000_000 - receipt.resumedAt)
            #expect(receipt.sha256.hex == Self.sha256)
            #expect(scene.folder.contents("day.zip") == Self.bytes)
            #expect(scene.folder.names == ["day.zip"])
        }
    }

    /// Fetches until at least `count` bytes are there, and stops as a killed process does.
    private func leave(_ count: Int, in scene: Scene) async throws {
        scene.simulator.setFaults([Fault(.cutBody(afterBytes: Int64(count)), at: .archive)])
        await #expect(throws: Failure.self) {
            try await scene.download(retry: RetryPolicy(retries: 0)).fetch(order(scene))
        }
        scene.simulator.setFaults([])
        #expect(scene.folder.names == ["day.zip.partial", "day.zip.partial.json"])
    }

    @Test("a run that was killed between the last byte and the renaming is finished without a byte")
    func killedAtTheEnd() async throws {
        try await withArchive { scene in
            try await leave(2_000_000, in: scene)
            try Data(Self.bytes).write(to: URL(fileURLWithPath: scene.folder.file("day.zip.partial")))
            let receipt = try receipt(try await scene.download().fetch(order(scene)))
            #expect(receipt.transferred == 0)
            #expect(receipt.sha256.hex == Self.sha256)
        }
    }

    @Test("when the archive has been replaced meanwhile, it is fetched from the start")
    func replaced() async throws {
        try await withArchive { scene in
            try await leave(1_000_000, in: scene)
            let other = noise(2_000_000, seed: 9)
            scene.simulator.updateAccount { $0.archives = ["day.zip": .bytes(Data(other))] }
            let receipt = try receipt(try await scene.download().fetch(order(scene)))
            #expect(receipt.bytes == 2_000_000)
            #expect(scene.folder.contents("day.zip") == other)
        }
    }

    @Test("a note that is damaged, or of another address, starts it anew", arguments: ["{", "{}", ""])
    func damagedNote(note: String) async throws {
        try await withArchive { scene in
            try await leave(1_000_000, in: scene)
            try Data(note.utf8).write(to: URL(fileURLWithPath: scene.folder.file("day.zip.partial.json")))
            let receipt = try receipt(try await scene.download().fetch(order(scene)))
            #expect(receipt.resumedAt == 0)
            #expect(receipt.sha256.hex == Self.sha256)
        }
    }

    @Test("a partial file that was damaged on disk is caught by the checksum, and fetched again")
    func damagedPartial() async throws {
        try await withArchive {
            $0.archives["day.zip.sha256"] = .bytes(Data("\(Self.sha256)  day.zip\n".utf8))
        } _: { scene in
            try await leave(1_000_000, in: scene)
            var partial = try #require(scene.folder.contents("day.zip.partial"))
            partial[500] ^= 1
            let url = URL(fileURLWithPath: scene.folder.file("day.zip.partial"))
            try Data(partial).write(to: url)
            var order = order(scene)
            order.checksumURL = scene.url("/archives/day.zip.sha256")
            let receipt = try receipt(try await scene.download().fetch(order))
            #expect(receipt.agreed == ["sha256 of the checksum file"])
            #expect(scene.folder.contents("day.zip") == Self.bytes)
        }
    }

    @Test("a checksum that never agrees is a corrupt archive, and nothing is kept")
    func wrongChecksum() async throws {
        try await withArchive {
            $0.archives["day.zip.md5"] = .bytes(Data("900150983cd24fb0d6963f7d28e17f72 *day.zip\n".utf8))
        } _: { scene in
            var order = order(scene)
            order.checksumURL = scene.url("/archives/day.zip.md5")
            let failure = await #expect(throws: Failure.self) { try await scene.download().fetch(order) }
            #expect(failure?.code == .corrupt)
            #expect(scene.folder.names.isEmpty)
        }
    }

    @Test("a bit that flips on the way is caught by the server's digest, and the archive is fetched again")
    func serverDigest() async throws {
        try await withArchive(faults: [Fault(.corruptBody(at: 2_000_000), at: .archive, count: 1)]) {
            $0.archiveAccess.sendsDigest = true
        } _: { scene in
            let receipt = try receipt(try await scene.download().fetch(order(scene)))
            #expect(receipt.agreed == ["sha256 of the server's Repr-Digest"])
            #expect(scene.folder.contents("day.zip") == Self.bytes)
            #expect(scene.count(.archive) == 2)
        }
    }

    @Test("a checksum that is not there yet makes the archive not ready; without the archive there is nothing")
    func checksumMissing() async throws {
        try await withArchive { scene in
            var order = order(scene)
            order.checksumURL = scene.url("/archives/day.zip.sha999")
            guard case .notReady = try await scene.download().fetch(order) else {
                Issue.record("it is ready")
                return
            }
            var nothing = self.order(scene, "other.zip")
            nothing.checksumURL = order.checksumURL
            #expect(try await scene.download().fetch(nothing) == .notFound)
        }
    }

    @Test("not there, gone and refused are told apart, and leave nothing behind", arguments: [404, 410, 401, 403])
    func statuses(status: Int) async throws {
        try await withArchive(faults: [Fault(.status(status), at: .archive)]) { scene in
            let outcome = try await scene.download().fetch(order(scene))
            switch (status, outcome) {
            case (404, .notFound), (410, .gone), (401, .refused(status: 401)), (403, .refused(status: 403)): break
            default: Issue.record("\(outcome)")
            }
            #expect(scene.folder.names.isEmpty)
        }
    }

    @Test("what is unchanged is not fetched again")
    func unchanged() async throws {
        try await withArchive { scene in
            var order = order(scene)
            order.previous = try receipt(try await scene.download().fetch(order)).validator
            #expect(order.previous != nil)
            #expect(try await scene.download().fetch(order) == .unchanged)
            #expect(scene.simulator.requests(to: .archive).map(\.status) == [200, 304])
            scene.simulator.updateAccount { $0.archives["day.zip"] = .bytes(Data(noise(10))) }
            let changed = try receipt(try await scene.download().fetch(order))
            #expect(changed.bytes == 10)
        }
    }

    @Test("a web page is delivered, and said to be one")
    func page() async throws {
        try await withArchive(faults: [Fault(.html, at: .archive)]) { scene in
            let receipt = try receipt(try await scene.download().fetch(order(scene)))
            #expect(receipt.isHTML)
        }
    }

    @Test("passing trouble is waited out, lasting trouble is unreachable and keeps what came")
    func trouble() async throws {
        try await withArchive(faults: [Fault(.status(503, retryAfter: .seconds(5)), at: .archive, count: 1)]) { scene in
            _ = try receipt(try await scene.download().fetch(order(scene)))
            #expect(scene.time.sleptSeconds >= 5)
            scene.simulator.setFaults([Fault(.status(503), at: .archive)])
            let failure = await #expect(throws: Failure.self) { try await scene.download().fetch(order(scene)) }
            #expect(failure?.code == .unreachable)
        }
    }

    @Test("basic credentials and a header let us in; without, we are refused")
    func access() async throws {
        try await withArchive {
            $0.archiveAccess.basic = .init(username: "drop", password: "pä:ss")
        } _: { scene in
            var order = order(scene)
            #expect(try await scene.download().fetch(order) == .refused(status: 401))
            order.authorization = .basic(username: "drop", password: Secret("pä:ss"))
            _ = try receipt(try await scene.download().fetch(order))
        }
        try await withArchive {
            $0.archiveAccess.header = .init(name: "X-Drop-Key", value: "key")
        } _: { scene in
            var order = order(scene)
            order.authorization = .header(name: "X-Drop-Key", value: Secret("key"))
            _ = try receipt(try await scene.download().fetch(order))
        }
    }

    @Test("the account's own credentials let us in where the platform keeps the archives")
    func platform() async throws {
        try await withArchive {
            $0.archiveAccess.needsPlatformCredentials = true
        } _: { scene in
            var order = order(scene)
            order.authorization = .platform(try scene.client())
            _ = try receipt(try await scene.download().fetch(order))
            #expect(scene.simulator.violations().isEmpty)
        }
    }

    @Test("a redirect to another host gets no credentials")
    func redirected() async throws {
        try await withArchive(faults: [Fault(.redirect(), at: .archive, count: 1)]) { scene in
            var order = order(scene)
            order.authorization = .basic(username: "drop", password: Secret("secret"))
            _ = try await scene.download().fetch(order)
            let elsewhere = scene.simulator.requests().filter { $0.listener == .storage }
            #expect(elsewhere.map(\.credentials) == [.none])
        }
    }

    @Test("an address without encryption on another machine is a wrong configuration")
    func plain() async throws {
        try await withArchive { scene in
            let order = Download.Order(
                url: try #require(URL(string: "http://files.example.com/a.zip")),
                destination: scene.folder.file("a")
            )
            let failure = await #expect(throws: Failure.self) { try await scene.download().fetch(order) }
            #expect(failure?.code == .configuration)
        }
    }

    @Test("two at the same file: the second is told so")
    func locked() async throws {
        try await withArchive(faults: [Fault(.slowFirstByte(.gate("go")), at: .archive)]) { scene in
            let (download, order) = (scene.download(), order(scene))
            let first = Task { try await download.fetch(order) }
            await scene.simulator.gateReached("go")
            let failure = await #expect(throws: Failure.self) { try await scene.download().fetch(order) }
            #expect(failure?.code == .locked)
            scene.simulator.openGate("go")
            _ = try receipt(try await first.value)
        }
    }

    @Test("a look says size and validator, and fetches nothing")
    func look() async throws {
        try await withArchive { scene in
            let look = try await scene.download().look(at: order(scene).url)
            #expect(look.status == 200)
            #expect(look.sizeBytes == 3_000_000)
            #expect(look.validator != nil)
            #expect(scene.simulator.requests(to: .archive).map(\.method) == ["HEAD"])
        }
    }
}
