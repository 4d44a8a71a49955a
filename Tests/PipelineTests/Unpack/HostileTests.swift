import ArchiveReader
import Foundation
import Pipeline
import Recordings
import TestSupport
import Testing

/// Both sides of each hostile shape: the rows that come of it, and that nothing outside of the work folder was touched.
@Suite("Hostile archives")
struct HostileTests {
    private let unpacking: Unpacking

    init() throws {
        unpacking = try Unpacking()
        try unpacking.make("mkdir outside work; echo alive > outside/canary")
    }

    /// Everything beside the work folder: name, type, mode, owner, size, time and where a link leads.
    private func surroundings() throws -> String {
        let find =
            "find . -path ./work -prune -o -printf '%p %y %m %U %s %T@ %l\\n' | LC_ALL=C sort; ls -d /escaped* || true"
        return try Program("bash", ["-c", find], in: unpacking.folder.path).text
    }

    private func describe(_ row: Member) -> String {
        guard case .refused(let reason, _) = row.content else { return row.name }
        return "\(row.name): \(reason.rawValue)"
    }

    /// Makes the archive and unpacks it, and checks what holds for all of them.
    private func unpack(_ script: String) throws -> UnpackedArchive {
        try unpacking.make("python3 - <<'EOF'\n\(HostileShape.prelude)\n\(script)\nEOF")
        let before = try surroundings()
        let archive = try unpacking.run("out") { request in
            request.limits.archiveBytes = 64 << 20
            request.limits.memberBytes = 8 << 20
            request.limits.ratioAllowance = 4 << 20
            request.lanes = 1
        }
        #expect(try surroundings() == before)
        let odd =
            "find work ! -type f ! -type d; find work -type f ! -perm 440 ! -name rows.jsonl; find work -links +2 -type f"
        #expect(try Program("sh", ["-c", odd], in: unpacking.folder.path).text == "")
        #expect(try unpacking.names("work") == ["blobs", "rows.jsonl"])
        #expect(try unpacking.names().allSatisfy { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
        try unpacking.checkBlobs()
        return archive
    }

    @Test("By its names", arguments: HostileShape.names)
    func names(_ shape: HostileShape) throws { try check(shape) }

    @Test("By what its members are", arguments: HostileShape.kinds)
    func kinds(_ shape: HostileShape) throws { try check(shape) }

    @Test("By what it unpacks to", arguments: HostileShape.bombs)
    func bombs(_ shape: HostileShape) throws { try check(shape) }

    @Test("By what it says of itself", arguments: HostileShape.lies)
    func lies(_ shape: HostileShape) throws { try check(shape) }

    private func check(_ shape: HostileShape) throws {
        let archive = try unpack(shape.script)
        #expect(archive.state == shape.state, "\(archive.detail ?? "")")
        let rows = try unpacking.rows().map(describe)
        if shape.state == .partial {
            // Behind what ends an archive there may be a row that says so.
            #expect(rows.prefix(shape.rows.count) == shape.rows[...], "\(rows) \(archive.detail ?? "")")
            #expect(archive.detail != nil)
        } else {
            #expect(rows == shape.rows, "\(archive.detail ?? "")")
        }
        #expect(try Program("cat", ["outside/canary"], in: unpacking.folder.path).text == "alive\n")
    }

    @Test("By having a hundred thousand members", arguments: ["add(f'{n}', b'%d' % n)", "put(f'{n}', b'%d' % n)"])
    func many(_ line: String) throws {
        let close = line.hasPrefix("add") ? "tar()" : "zip()"
        let archive = try unpack("for n in range(100000): \(line)\n\(close)")
        #expect(archive.state == .complete)
        let rows = try unpacking.rows()
        #expect(rows.map(\.name) == (0..<100_000).map(String.init))
        #expect(try unpacking.names().count == 100_000)
    }
}
