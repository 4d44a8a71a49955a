import Foundation
import Recordings
import TestSupport
import Testing

/// Damage that the test does itself, and what `audit` says of it.
@Suite struct `An audit` {
    private struct Finding: Decodable, Hashable {
        let day: String
        let path: String
        let finding: String
    }

    private func published() throws -> Workplace {
        let place = try Workplace(try RunningPlatform())
        let run = try place.dialvault("run", "2018-04-05")
        try #require(run.status == 0, "\(run.errors)")
        return place
    }

    /// Does something to a bag with the shell, whoever may write there.
    private func damage(_ place: Workplace, day: String = "2018-04-05", _ script: String) throws {
        let done = try Program("sh", ["-c", "chmod -R u+w . && \(script)"], in: place.bag(day))
        try #require(done.status == 0, "\(done.errors)")
    }

    private func findings(_ audit: Program) throws -> [Finding] {
        // The last line is the totals.
        try audit.text.split(separator: "\n").dropLast().map {
            try JSONDecoder().decode(Finding.self, from: Data($0.utf8))
        }
    }

    private func paths(_ place: Workplace) throws -> [String] {
        try place.manifest().map(\.path).sorted()
    }

    @Test func `of what was published finds nothing and leaves nothing changed, not even the time of access`() throws {
        let place = try published()
        let inventory = "find 2018 -type f -printf '%p %i %s %m %n %T@ %A@ %C@\\n' | LC_ALL=C sort"
        let before = try Program("sh", ["-c", inventory], in: place.vault).text
        let audit = try place.dialvault("audit")
        #expect(audit.status == 0, "\(audit.errors)")
        // 25 recordings and two times seven files of the bags.
        #expect(audit.text.hasPrefix("2 days, 39 files, "), "\(audit.text)")
        #expect(audit.text.hasSuffix(": everything is as it was published\n"))
        #expect(try Program("sh", ["-c", inventory], in: place.vault).text == before)
    }

    @Test func `names what is changed, missing or extra, and ends with 5`() throws {
        let place = try published()
        let paths = try paths(place)
        // One byte, one file less, and three more: a file, a link and an empty name deep down.
        try damage(
            place,
            """
            printf x | dd of='\(paths[0])' bs=1 seek=100 conv=notrunc 2>/dev/null && rm '\(paths[1])' && \
            echo more >data/more && ln -s /etc/passwd data/link && echo note >note.txt
            """
        )
        let audit = try place.dialvault("audit", "2018-04-05", "--json")
        #expect(audit.status == 5)
        let expected: Set<[String]> = [
            ["changed", paths[0]], ["missing", paths[1]], ["extra", "data/more"], ["extra", "data/link"],
            ["extra", "note.txt"],
        ]
        let found = try findings(audit)
        #expect(Set(found.map { [$0.finding, $0.path] }) == expected)
        #expect(found.count == expected.count)
        let totals = try Program(
            "jq",
            ["-c", "select(.schema) | [.days, .changed, .missing, .extra]"],
            input: audit.output
        )
        #expect(totals.text == "[1,1,1,3]\n")
        let text = try place.dialvault("audit").text
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
        #expect(text.hasSuffix("1 changed, 1 missing, 3 extra\n"))
    }

    @Test(arguments: ["day.json", "manifest.jsonl", "exceptions.jsonl", "bag-info.txt", "bagit.txt"])
    func `finds a changed file of the bag's own`(name: String) throws {
        let place = try published()
        try damage(place, "sed -i 's/0/1/' \(name)")
        let found = try findings(place.dialvault("audit", "2018-04-05", "--json"))
        #expect(found.contains { $0.path == name && $0.finding == "changed" }, "\(found)")
    }

    @Test func `finds a manifest and rows that do not agree, though every digest of a file is right`() throws {
        let place = try published()
        // The last recording goes from the payload manifest, and the tag manifest follows.
        try damage(
            place,
            """
            sed -i '$d' manifest-sha256.txt && sha256sum bag-info.txt bagit.txt day.json exceptions.jsonl \
            manifest-sha256.txt manifest.jsonl >tagmanifest-sha256.txt
            """
        )
        let last = try #require(try paths(place).last)
        let found = try findings(place.dialvault("audit", "2018-04-05", "--json"))
        #expect(Set(found.map { [$0.finding, $0.path] }) == [["changed", "manifest.jsonl"], ["extra", last]])
    }

    @Test func `finds a former manifest that is not the one that day.json names`() throws {
        let place = try published()
        // The next day has gained its own sources' answers: revision 2, with the manifest of revision 1 in the history.
        try place.dialvault("run", "2018-04-06")
        #expect(try place.dialvault("audit").status == 0)
        let history = "\(place.vault)/.dialvault/history/2018-04-06/r0001.manifest.jsonl.gz"
        try Program("sh", ["-c", "chmod u+w '\(history)' && echo '{}' | gzip >'\(history)'"])
        let found = try findings(place.dialvault("audit", "--json"))
        let path = ".dialvault/history/2018-04-06/r0001.manifest.jsonl.gz"
        #expect(found == [Finding(day: "2018-04-06", path: path, finding: "changed")])
        try Program("rm", [history])
        let missing = try findings(place.dialvault("audit", "--json"))
        #expect(missing == [Finding(day: "2018-04-06", path: path, finding: "missing")])
    }

    @Test func `misses a whole bag that the ledger knows of`() throws {
        let place = try published()
        try Program("rm", ["-r", place.bag("2018-04-06")])
        let audit = try place.dialvault("audit", "--json")
        #expect(audit.status == 5)
        #expect(try findings(audit) == [Finding(day: "2018-04-06", path: ".", finding: "missing")])
    }

    @Test func `in parts reads every file once in all, always the same part`() throws {
        let place = try published()
        let paths = try paths(place)
        for path in paths { try damage(place, "printf x | dd of='\(path)' bs=1 seek=99 conv=notrunc 2>/dev/null") }
        var seen: [String] = []
        for part in 1...3 {
            let audit = try place.dialvault("audit", "2018-04-05", "--json", "--sample", "\(part)/3")
            let found = try findings(audit).map(\.path)
            let again = try findings(place.dialvault("audit", "2018-04-05", "--json", "--sample", "\(part)/3"))
            #expect(found == again.map(\.path))
            #expect(!found.isEmpty, "24 files with 3 parts")
            seen += found
        }
        #expect(seen.sorted() == paths)
        #expect(try place.dialvault("audit", "--sample", "4/3").status == 64)
    }

    @Test func `of a day that is not archived ends with 1`() throws {
        let place = try published()
        let audit = try place.dialvault("audit", "2018-04-01")
        #expect(audit.status == 1)
        #expect(audit.errors.contains("dialvault run 2018-04-01"), "\(audit.errors)")
        #expect(try place.dialvault("audit", "--from", "2018-04-01", "--to", "2018-04-07").status == 0)
    }
}
