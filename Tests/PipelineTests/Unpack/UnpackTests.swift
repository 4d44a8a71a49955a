import ArchiveReader
import Foundation
import Pipeline
import Recordings
import TestSupport
import Testing
import Vault

/// A work folder and what is put into it.
struct Unpacking {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Runs a shell script beside the archive that it makes.
    func make(_ script: String) throws {
        let run = try Program("bash", ["-ec", script], in: folder.path)
        guard run.status == 0 else { throw Failure(.fileSystem, "\(script): \(run.errors)") }
    }

    func request(_ archive: String, groupReadable: Bool = true) -> UnpackRequest {
        UnpackRequest(
            archivePath: folder.file(archive),
            archiveName: archive,
            blobsFolder: folder.file("work/blobs"),
            rowsPath: folder.file("work/rows.jsonl"),
            modes: FileModes(groupReadable: groupReadable)
        )
    }

    @discardableResult
    func run(_ archive: String, _ change: (inout UnpackRequest) -> Void = { _ in }) throws -> UnpackedArchive {
        var request = request(archive)
        change(&request)
        return try ArchiveUnpacker(request).run()
    }

    func rows() throws -> [Member] {
        let text = try String(contentsOfFile: folder.file("work/rows.jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Member.self, from: Data($0.utf8)) }
    }

    func names(_ path: String = "work/blobs") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.file(path)).sorted()
    }

    /// What sha256sum says of every blob: name and digest are the same.
    func checkBlobs() throws {
        let wrong = "find . -type f -printf '%f\\n' | xargs -r sha256sum | awk '$1 != $2'"
        let check = try Program("bash", ["-o", "pipefail", "-c", wrong], in: folder.file("work/blobs"))
        #expect(check.status == 0)
        #expect(check.text == "")
    }

    func sha256(of path: String) throws -> String {
        String(try Program("sha256sum", [folder.file(path)]).text.prefix(64))
    }
}

@Suite("The unpack stage")
struct UnpackTests {
    /// Three files: speech as an MP3, a text, and nothing.
    private static let files = """
        mkdir d
        sox -n -r 8000 -c 1 a.wav synth 2 sine 440 vol 0.5
        lame --quiet -b 24 a.wav d/a.mp3
        printf 'id,file\\n1,a.mp3\\n' > d/list.csv
        : > d/empty
        """

    @Test("Every member becomes a blob under its digest and a row", arguments: ["tar cf", "tar czf", "zip -qr"])
    func members(_ packer: String) throws {
        let unpacking = try Unpacking()
        try unpacking.make(Self.files + "\n\(packer) out d/a.mp3 d/list.csv d/empty; [ -f out ] || mv out.zip out")
        let archive = try unpacking.run("out")
        #expect(archive.state == .complete)
        #expect(archive.sha256.hex == (try unpacking.sha256(of: "out")))
        #expect(archive.rows == 3)
        let rows = try unpacking.rows()
        #expect(rows.map(\.name) == ["d/a.mp3", "d/list.csv", "d/empty"])
        for row in rows {
            #expect(row.sha256?.hex == (try unpacking.sha256(of: row.name)))
            #expect(row.modifiedAt != nil)
        }
        guard case .file(let findings) = rows[0].content else {
            Issue.record("\(rows[0])")
            return
        }
        #expect(findings.audio?.container == "mp3")
        #expect(findings.audio?.sampleRateHz == 8000)
        try unpacking.checkBlobs()
        #expect(try unpacking.names("work") == ["blobs", "rows.jsonl"])
    }

    @Test("Unpacking again gives the same files and rows", arguments: ["tar czf", "zip -qr"])
    func again(_ packer: String) throws {
        let unpacking = try Unpacking()
        try unpacking.make(Self.files + "\n\(packer) out d; [ -f out ] || mv out.zip out")
        let first = try unpacking.run("out")
        let rows = try unpacking.rows()
        let blobs = try unpacking.names()
        #expect(try unpacking.run("out") == first)
        #expect(try unpacking.rows() == rows)
        #expect(try unpacking.names() == blobs)
    }

    @Test("What a broken-off run left is cleared away")
    func leftovers() throws {
        let unpacking = try Unpacking()
        try unpacking.make(
            Self.files + "\ntar cf out d; mkdir -p work/rows.jsonl.incoming; echo x > work/rows.jsonl.incoming/lane-1"
        )
        try unpacking.make("echo '{' > work/rows.jsonl")
        #expect(try unpacking.run("out").state == .complete)
        #expect(try unpacking.names("work") == ["blobs", "rows.jsonl"])
        try unpacking.checkBlobs()
    }

    @Test("Files and folders have the vault's modes", arguments: [true, false])
    func modes(_ groupReadable: Bool) throws {
        let unpacking = try Unpacking()
        try unpacking.make(Self.files + "\nchmod 6777 d/a.mp3; tar cf out d")
        _ = try ArchiveUnpacker(unpacking.request("out", groupReadable: groupReadable)).run()
        let modes = try Program(
            "stat",
            ["-c", "%a", "work/blobs"] + (try unpacking.names().map { "work/blobs/\($0)" }),
            in: unpacking.folder.path
        ).text.split(separator: "\n")
        #expect(modes.first == (groupReadable ? "750" : "700"))
        #expect(Set(modes.dropFirst()) == [groupReadable ? "440" : "400"])
    }

    @Test("A cut member is told, and its bytes are kept")
    func cut() throws {
        let unpacking = try Unpacking()
        try unpacking.make(
            "head -c 3000 /dev/urandom > a; head -c 3000 /dev/urandom > b; tar cf t a b; head -c 5000 t > out"
        )
        // The second member's content begins behind 512 + 3072 + 512 bytes.
        try unpacking.make("head -c 904 b > b.cut")
        let archive = try unpacking.run("out")
        #expect(archive.state == .partial)
        let rows = try unpacking.rows()
        #expect(rows.count == 2)
        #expect(rows.last?.sizeBytes == 904)
        #expect(rows.last?.sha256?.hex == (try unpacking.sha256(of: "b.cut")))
        guard case .refused(.unreadableMember, _) = rows.last?.content else {
            Issue.record("\(rows)")
            return
        }
        try unpacking.checkBlobs()
    }

    @Test("A hard link counts as its target again; one that leads nowhere is refused")
    func hardLinks() throws {
        let unpacking = try Unpacking()
        try unpacking.make("echo one > a; ln a b; ln a c; tar cf out a b c")
        try unpacking.run("out")
        let rows = try unpacking.rows()
        #expect(rows.map(\.name) == ["a", "b", "c"])
        #expect(Set(rows.map(\.sha256)).count == 1)
        #expect(Set(rows.map(\.content)).count == 1)
        // Without the member that the links name.
        try unpacking.make("tar --delete -f out a")
        try unpacking.run("out")
        #expect(
            try unpacking.rows().allSatisfy {
                if case .refused(.rejectedMember, _) = $0.content { true } else { false }
            }
        )
    }

    @Test("No name leads anywhere: traversal, absolute, link and write through it")
    func escapes() throws {
        let unpacking = try Unpacking()
        let script = """
            import tarfile, io
            t = tarfile.open("out", "w")
            def add(name, data=b"evil", type=tarfile.REGTYPE, link=""):
                i = tarfile.TarInfo(name); i.type = type; i.linkname = link
                i.size = len(data) if type == tarfile.REGTYPE else 0
                t.addfile(i, io.BytesIO(data))
            add("../../escaped"); add("/\(unpacking.folder.path.dropFirst())/absolute"); add("..\\\\escaped")
            add("link", type=tarfile.SYMTYPE, link="\(unpacking.folder.path)")
            add("link/through"); add("hard", type=tarfile.LNKTYPE, link="/etc/passwd")
            add("dev", type=tarfile.CHRTYPE); add("fifo", type=tarfile.FIFOTYPE); add("x" * 300); add("a\\nb")
            t.close()
            """
        try unpacking.make("python3 - <<'EOF'\n\(script)\nEOF")
        let before = try unpacking.names(".")
        try unpacking.run("out")
        #expect(try unpacking.names(".") == (before + ["work"]).sorted())
        #expect(try unpacking.names("work") == ["blobs", "rows.jsonl"])
        #expect(try unpacking.names().count == 1)
        let rows = try unpacking.rows()
        let reasons = rows.map { row -> Exception.Reason? in
            if case .refused(let reason, _) = row.content { reason } else { nil }
        }
        #expect(
            reasons == [
                .rejectedMember, nil, .rejectedMember, .rejectedMember, nil, .rejectedMember, .rejectedMember,
                .rejectedMember, nil, nil,
            ]
        )
        // The bytes behind an unsafe name are kept all the same.
        #expect(rows[0].sha256 != nil)
        #expect(rows.last?.name == "a\\x0ab")
    }

    @Test("The rows of a zip that is read on several threads are in its order")
    func order() throws {
        let unpacking = try Unpacking()
        try unpacking.make(
            "for i in $(seq 300); do head -c $((i * 7919 % 60000)) /dev/urandom > $i; done; zip -q0 out.zip $(seq 300)"
        )
        try unpacking.run("out.zip") { $0.lanes = 4 }
        #expect(try unpacking.rows().map(\.index) == Array(0..<300))
        try unpacking.checkBlobs()
    }

    @Test(
        "A tar that is read on several threads: rows in its order, each with the digest of its file",
        arguments: ["", "--zstd"],
        [1, 2, 5]
    )
    func threads(_ filter: String, lanes: Int) throws {
        let unpacking = try Unpacking()
        try unpacking.make(
            """
            mkdir d
            for i in $(seq 100 199); do head -c $((i * i * 7919 % 60000)) /dev/urandom > d/$i; done
            head -c 3000000 /dev/urandom > d/150; ln d/150 d/151.link; ln -s 150 d/152.link; : > d/153
            tar c \(filter) -f out d/1*; cd d; sha256sum 1?? > ../sums
            """
        )
        let sums = try Program("cat", ["sums"], in: unpacking.folder.path).text.split(separator: "\n").map(String.init)
        for isReceived in [false, true] {
            let digest = isReceived ? try Recordings.Digest(hex: unpacking.sha256(of: "out")) : nil
            let archive = try unpacking.run("out") {
                $0.lanes = lanes
                $0.archiveSHA256 = digest
            }
            #expect(archive.state == .complete)
            #expect(archive.sha256.hex == (try unpacking.sha256(of: "out")))
            let rows = try unpacking.rows()
            #expect(rows.map(\.name) == rows.map(\.name).sorted())
            #expect(rows.count == 102)
            let files = rows.filter { !$0.name.hasSuffix("link") }
            #expect(files.map { "\($0.sha256?.hex ?? "")  \($0.name.dropFirst(2))" } == sums)
            #expect(rows.first { $0.name == "d/151.link" }?.sha256 == rows.first { $0.name == "d/150" }?.sha256)
            try unpacking.checkBlobs()
            #expect(try unpacking.names("work") == ["blobs", "rows.jsonl"])
        }
    }

    // MARK: Archives in the archive

    @Test("The members of an archive in the archive stand in its place")
    func nested() throws {
        let unpacking = try Unpacking()
        try unpacking.make("echo 1 > a; echo 2 > b; zip -q in.zip a b; tar czf in.tgz a; tar cf out in.zip a in.tgz")
        let archive = try unpacking.run("out")
        #expect(archive.state == .complete)
        #expect(archive.openedArchives == 2)
        #expect(try unpacking.rows().map(\.name) == ["in.zip//a", "in.zip//b", "a", "in.tgz//a"])
        try unpacking.checkBlobs()
        #expect(try unpacking.names().count == 2)
    }

    @Test("Archives nested deeper than the limit are refused, their bytes kept", arguments: [0, 1])
    func tooDeep(_ limit: Int) throws {
        let unpacking = try Unpacking()
        try unpacking.make("echo 1 > a; zip -q 1.zip a; zip -q 2.zip 1.zip a; zip -q 3.zip 2.zip a")
        let archive = try unpacking.run("3.zip") { $0.limits.nesting = limit }
        #expect(archive.state == .partial)
        let refused = try unpacking.rows().filter {
            if case .refused(.rejectedMember, let detail) = $0.content {
                detail.contains("limits.nesting")
            } else {
                false
            }
        }
        #expect(refused.map(\.name) == [limit == 0 ? "2.zip" : "2.zip//1.zip"])
        #expect(refused.allSatisfy { $0.sha256 != nil })
        try unpacking.checkBlobs()
    }

    @Test("A damaged archive in the archive has a row, beside the members that could be had")
    func damagedNested() throws {
        let unpacking = try Unpacking()
        try unpacking.make(
            "head -c 2000 /dev/urandom > a; cp a b; tar cf in.tar a b; head -c 4000 in.tar > cut.tar; tar cf out cut.tar"
        )
        let archive = try unpacking.run("out")
        #expect(archive.state == .partial)
        #expect(try unpacking.rows().map(\.name) == ["cut.tar//a", "cut.tar//b", "cut.tar"])
        try unpacking.checkBlobs()
    }

    @Test("A compressed file that holds no archive is a file")
    func compressedFile() throws {
        let unpacking = try Unpacking()
        try unpacking.make("echo text > a; gzip a; tar cf out a.gz")
        let archive = try unpacking.run("out")
        #expect(archive.state == .complete)
        guard case .file = try unpacking.rows().first?.content else {
            Issue.record("no row")
            return
        }
    }

    @Test("A bomb of archives in an archive ends at the limit of the archive around it")
    func nestedBomb() throws {
        let unpacking = try Unpacking()
        try unpacking.make(
            "head -c 5000000 /dev/zero > z; for i in 1 2 3 4; do zip -q $i.zip z; echo $i >> z; done; zip -q0 out.zip ?.zip"
        )
        let archive = try unpacking.run("out.zip") { $0.limits.archiveBytes = 12_000_000 }
        #expect(archive.state == .partial)
        #expect(try unpacking.rows().contains { $0.name == "1.zip//z" })
        #expect(try unpacking.rows().allSatisfy { $0.sizeBytes <= 5_000_010 })
        try unpacking.checkBlobs()
    }

    // MARK: The host

    @Test("A full disk is a failure of its own, never a bad archive")
    func diskFull() throws {
        let unpacking = try Unpacking()
        try unpacking.make("head -c 3000000 /dev/urandom > a; tar cf out a; mkdir work")
        guard
            try Program("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", unpacking.folder.file("work")]).status == 0
        else { return }
        defer { _ = try? Program("umount", [unpacking.folder.file("work")]) }
        let failure = #expect(throws: Failure.self) { try unpacking.run("out") }
        #expect(failure?.code == .diskFull)
    }

    @Test("What was unpacked before the disk was full is whole, with a row for each")
    func diskFullBetween() throws {
        let unpacking = try Unpacking()
        try unpacking.make(
            """
            for i in $(seq 100 120); do head -c 50000 /dev/urandom > $i; done
            head -c 8000000 /dev/urandom > 200; tar cf out 1?? 200 1??; mkdir work
            """
        )
        guard
            try Program("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", unpacking.folder.file("work")]).status == 0
        else { return }
        defer { _ = try? Program("umount", [unpacking.folder.file("work")]) }
        let failure = #expect(throws: Failure.self) { try unpacking.run("out") }
        #expect(failure?.code == .diskFull)
        try unpacking.checkBlobs()
        #expect(Set(try unpacking.rows().map(\.sha256?.hex)) == Set(try unpacking.names()))
    }
}
