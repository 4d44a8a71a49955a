import CallMetadata
import Foundation
import Recordings
import Testing

@Suite struct SidecarJoinTests {
    @Test(
        "A path tells two files of one name apart, whatever its slashes and what comes before it",
        arguments: [
            "agent1/call.mp3;agent2/call.mp3", #"agent1\call.mp3;agent2\call.mp3"#,
            "./agent1/call.mp3;./agent2/call.mp3",
            #"D:\rec\agent1\call.mp3;D:\rec\agent2\call.mp3"#,
            "https://d.example/x/agent1/call.mp3;https://d.example/x/agent2/call.mp3?k=1",
            "/var/spool/AGENT1/call.mp3;/var/spool/AGENT2/call.mp3", "agent1/call;agent2/call",
        ]
    )
    func paths(written: String) {
        let names = written.split(separator: ";")
        let joined = join(
            ["agent1/call.mp3", "agent2/call.mp3", "index.csv"],
            [2: "filename;phone;agent\n\(names[0]);999189807041;Anna\n\(names[1]);999189807042;Bert\n"]
        )
        #expect(joined.metadata(of: 0)?.phone == "999189807041")
        #expect(joined.metadata(of: 1)?.agentName == "Bert")
        #expect(joined.unmatched.isEmpty && joined.ambiguous.isEmpty)
    }

    @Test(
        "A column for the folder tells them apart",
        arguments: ["agent1;agent2", "rec/agent1/;rec/agent2/", "agent1/call.mp3;agent2/call.mp3"]
    )
    func folderColumn(written: String) {
        let folders = written.split(separator: ";")
        let joined = join(
            ["agent1/call.mp3", "agent2/call.mp3", "index.csv"],
            [2: "file;folder;phone\ncall.mp3;\(folders[0]);999189807041\ncall.mp3;\(folders[1]);999189807042\n"],
            columns: ["file": "file"]
        )
        #expect(joined.metadata(of: 0)?.phone == "999189807041")
        #expect(joined.metadata(of: 1)?.phone == "999189807042")
    }

    @Test("A base name that several members have describes none of them")
    func ambiguousName() {
        for rows in ["call.mp3;999189807041\ncall.mp3;999189807042\n", "call.mp3;999189807041\n"] {
            let joined = join(
                ["agent1/call.mp3", "agent2/call.mp3", "index.csv", "agent3/other.mp3"],
                [2: "file;phone\n\(rows)other.mp3;999189807043\n"]
            )
            #expect(joined.metadata(of: 0) == nil)
            #expect(joined.metadata(of: 1) == nil)
            #expect(joined.metadata(of: 3)?.phone == "999189807043")
            #expect(joined.ambiguous.allSatisfy { $0.name == "call.mp3" } && !joined.ambiguous.isEmpty)
            #expect(joined.unmatched.isEmpty)
        }
    }

    @Test("Each folder's own sidecar describes what lies beside it")
    func beside() {
        let joined = join(
            ["call1/audio.mp3", "call2/audio.mp3", "call1/info.json", "call2/info.json"],
            [
                2: #"{"file":"audio.mp3","id":"abcdefghijklmnop1","phone":"999189807041"}"#,
                3: #"{"file":"audio.mp3","id":"abcdefghijklmnop2","phone":"999189807042"}"#,
            ]
        )
        #expect(joined.metadata(of: 0)?.recordingID?.text == "abcdefghijklmnop1")
        #expect(joined.metadata(of: 1)?.phone == "999189807042")
    }

    @Test("Where a folder's recording is gone, its sidecar describes no other folder's")
    func besideNothing() {
        let info = #"{"file":"audio.mp3","phone":"999189807041"}"#
        let other = #"{"file":"audio.mp3","phone":"999189807042"}"#
        let joined = join(["call2/audio.mp3", "call1/info.json", "call2/info.json"], [1: info, 2: other])
        #expect(joined.metadata(of: 0)?.phone == "999189807042")
        #expect(joined.unmatched.map(\.sidecar) == [1])
    }

    @Test("A single object beside a recording of its name describes it; its like without one lists a missing one")
    func singleObjects() {
        let joined = join(
            ["a/1.mp3", "b/1.mp3", "a/1.json", "b/1.json", "b/2.json", "b/config.json"],
            [
                2: #"{"phone":"999189807041","lead_id":1}"#, 3: #"{"phone":"999189807042","lead_id":2}"#,
                4: #"{"phone":"999189807043","lead_id":3}"#, 5: #"{"campaign":"S","color":"red"}"#,
            ]
        )
        #expect(joined.metadata(of: 0)?.phone == "999189807041")
        #expect(joined.metadata(of: 1)?.phone == "999189807042")
        #expect(joined.unmatched.map(\.name) == ["2"])
        #expect(joined.unmatched.first?.metadata.phone == "999189807043")
        #expect(joined.sources.map(\.member) == [2, 3, 4])
    }

    @Test("A nested archive's sidecar speaks of that archive alone, and the outer one's not of it")
    func levels() {
        let table = { (phone: String) in "file;phone\ncall.mp3;\(phone)\n" }
        let joined = join(
            [
                "call.mp3", "site1.zip//call.mp3", "site1.zip//index.csv", "index.csv", "site2.zip//call.mp3",
                "site2.zip//in/x.zip//call.mp3", "site2.zip//in/x.zip//index.csv",
            ],
            [2: table("999189807041"), 3: table("999189807042"), 6: table("999189807043")]
        )
        #expect(joined.metadata(of: 0)?.phone == "999189807042")
        #expect(joined.metadata(of: 1)?.phone == "999189807041")
        #expect(joined.metadata(of: 4) == nil)
        #expect(joined.metadata(of: 5)?.phone == "999189807043")
        #expect(joined.unmatched.isEmpty)
    }

    @Test("Rows that list what is not there are told with what they say")
    func unmatched() throws {
        let joined = join(
            ["rec0001.mp3", "rec0002.mp3", "index.csv"],
            [
                2: """
                filename,start_time,phone,recording_id,export_status
                rec0001.mp3,2018-04-05 09:01:00,999189807041,,success
                rec0002.mp3,2018-04-05 09:02:00,999189807042,,success
                rec0003.mp3,2018-04-05 09:03:00,999189807043,0ed866c1f8b44727827daaaf7e7b098c,failed
                """
            ]
        )
        let row = try #require(joined.unmatched.first)
        #expect(joined.unmatched.count == 1)
        #expect(row.name == "rec0003.mp3")
        #expect(row.number == 4)
        #expect(row.sidecar == 2)
        #expect(row.metadata.recordingID?.text == "0ed866c1f8b44727827daaaf7e7b098c")
        #expect(row.metadata.startedAt == (try local("2018-04-05T09:03:00")))
        #expect(row.metadata.phone == "999189807043")
    }

    @Test(
        "Rows that name no recording accuse nobody",
        arguments: [
            ";;", ";2018-04-05 09:03:00;999", "Total;;2", "Summe: 2;;", "2 records;;", "file;start;phone",
            "-----;---;---",
            "index.csv;;", "readme.txt;;",
            "N/A;2018-04-05 09:00;999",
        ]
    )
    func legitimate(row: String) {
        let joined = join(
            ["call-1.mp3", "call-2.mp3", "index.csv", "readme.txt"],
            [2: "file;start;phone\ncall-1.mp3;2018-04-05 09:00:00;999189807041\ncall-2.mp3;;\n\(row)\n"]
        )
        #expect(joined.unmatched.isEmpty)
        #expect(joined.metadata(of: 0)?.phone == "999189807041")
    }

    @Test("Names without extensions are told from totals by their shape")
    func shapes() {
        let joined = join(
            ["20180405-101533_999189807041.mp3", "20180405-101633_999189807042.mp3", "i.csv"],
            [
                2: """
                recording,campaign
                20180405-101533_999189807041,S
                20180405-101633_999189807042,S
                20180405-101733_999189807043,S
                Total,3
                """
            ]
        )
        #expect(joined.unmatched.map(\.name) == ["20180405-101733_999189807043"])
    }

    @Test("A list of recordings of which none came is a sidecar whose rows are all unmatched")
    func nothingCame() {
        let list = "file,start_time\na.mp3,2018-04-05 09:00:00\nb.mp3,2018-04-05 09:10:00\n"
        #expect(join(["index.csv"], [0: list]).unmatched.map(\.name) == ["a.mp3", "b.mp3"])
        #expect(join(["x.wav", "index.csv"], [1: list]).unmatched.count == 2)
        for other in ["name,age\nx,1\n", "note,date\nhello,2018-04-05\n", "{\"campaign\":\"S\"}", "a.mp3\nb.mp3\n"] {
            #expect(join(["index.csv"], [0: other]).sources.isEmpty)
        }
    }

    @Test(
        "Dropping any member makes exactly its row unmatched",
        arguments: [
            ["a/1.mp3", "a/2.mp3", "b/1.mp3", "b/2.mp3"], ["a/1.mp3", "b/1.mp3", "c/1.mp3", "c/d/1.mp3"],
            ["1.mp3", "2.mp3", "3.mp3"],
            ["x/20180405-101533_1-in.wav", "x/20180405-101533_2-in.wav"],
        ]
    )
    func sweep(names: [String]) {
        let list = "file;lead_id\n" + names.enumerated().map { "\($0.element);\($0.offset)\n" }.joined()
        for dropped in names.indices {
            let kept = names.indices.filter { $0 != dropped }
            let joined = join(kept.map { names[$0] } + ["list.csv"], [kept.count: list])
            #expect(joined.unmatched.map(\.name) == [names[dropped]])
            #expect(kept.indices.map { joined.metadata(of: $0)?.leadID } == kept.map { "\($0)" })
        }
        for dropped in names.indices {
            let rows = names.enumerated().filter { $0.offset != dropped }.map { "\($0.element);\($0.offset)\n" }
                .joined()
            let joined = join(names + ["list.csv"], [names.count: "file;lead_id\n" + rows])
            #expect(joined.metadata(of: dropped) == nil)
            #expect(joined.unmatched.isEmpty && joined.ambiguous.isEmpty)
        }
    }

    @Test("Rows of one recording that contradict each other leave open what they contradict in")
    func repeatedRows() throws {
        let joined = join(
            ["call.mp3", "i.csv"],
            [
                1: """
                file;start;phone;agent;campaign
                call.mp3;2018-04-05 09:00:00;+49 999189807041;Anna;S
                call.mp3;2018-04-05 09:05:00;0999189807041;Bert;S
                """
            ]
        )
        let call = try #require(joined.metadata(of: 0))
        #expect(call.campaign == "S")
        #expect(call.phone == "+49999189807041")
        #expect(call.agentName == nil)
        #expect(call.startedAt == nil)
        #expect(call.unreadStarts.count == 1)
    }

    @Test("Two paths that could both be a file without folders describe it in neither way")
    func flattened() {
        let joined = join(["call.mp3", "i.csv"], [1: "file;phone\na/call.mp3;999189807041\nb/call.mp3;999189807042\n"])
        #expect(joined.metadata(of: 0) == nil)
        #expect(joined.ambiguous.count == 2)
        let one = join(["call.mp3", "i.csv"], [1: "file;phone\n/var/spool/call.mp3;999189807041\n"])
        #expect(one.metadata(of: 0)?.phone == "999189807041")
    }

    @Test("A path from the dialer's disk joins the only file of that name")
    func otherFolders() {
        let list = "file;phone\n/var/spool/MP3/call.mp3;999189807041\n"
        #expect(join(["2018-04-05/call.mp3", "i.csv"], [1: list]).metadata(of: 0)?.phone == "999189807041")
        let two = join(["a/call.mp3", "b/call.mp3", "i.csv"], [2: list])
        #expect(two.metadata(of: 0) == nil && two.metadata(of: 1) == nil)
        #expect(two.ambiguous.count == 1)
    }

    @Test("Sidecars that agree complete each other, numbers that contradict each other are unknown")
    func twoSidecars() throws {
        let joined = join(
            ["a/call.mp3", "a/call.json", "list.csv"],
            [
                1: #"{"phone":"999189807041","agent":"Anna"}"#,
                2: "file;phone;campaign\na/call.mp3;999189807042;S\n",
            ]
        )
        let call = try #require(joined.metadata(of: 0))
        #expect(call.agentName == "Anna")
        #expect(call.campaign == "S")
        #expect(call.phone == nil)
    }

    @Test("A path that is not there never describes another folder's file, its own row missing or not")
    func pathsOfTheArchive() {
        let list = "file;phone\na/1.mp3;999189807041\na/2.mp3;999189807042\nb/2.mp3;999189807044\n"
        let joined = join(["a/2.mp3", "b/1.mp3", "b/2.mp3", "i.csv"], [3: list])
        #expect(joined.metadata(of: 1) == nil)
        #expect(joined.unmatched.map(\.name) == ["a/1.mp3"])
    }

    @Test("What one archive's list misses may be in another archive")
    func severalArchives() {
        let list = "file;phone\na/1.mp3;999189807041\na/2.mp3;999189807042\na/3.mp3;999189807043\n"
        let first = join(["a/1.mp3", "all.csv"], [1: list])
        let second = join(["a/2.mp3", "b/3.mp3", "all.csv"], [2: list])
        #expect(first.unmatched.filter { !second.hasMember(namedBy: $0) }.map(\.name) == ["a/3.mp3"])
        #expect(second.unmatched.filter { !first.hasMember(namedBy: $0) }.map(\.name) == ["a/3.mp3"])
    }

    @Test("A list of a month lists other days' recordings too; one of the day and its neighbours does not")
    func month() throws {
        let day = try #require(Day(april5))
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        let list = { (days: [String]) in
            "file;start\nhere.mp3;2018-04-05 08:00:00\n" + days.map { "\($0).mp3;\($0) 09:00:00\n" }.joined()
        }
        let days = ["2018-04-03", "2018-04-04", "2018-04-05", "2018-04-06"]
        let month = join(["here.mp3", "i.csv"], [1: list(days)])
        #expect(month.unmatched.count == 4)
        #expect(month.notDelivered(on: day, zone: zone).map(\.name) == ["2018-04-05.mp3"])
        let near = join(["here.mp3", "i.csv"], [1: list(Array(days.dropFirst()))])
        #expect(near.notDelivered(on: day, zone: zone).count == 3)
        let unknown = join(["here.mp3", "i.csv"], [1: list([]) + "gone.mp3;soon\n"])
        #expect(unknown.notDelivered(on: day, zone: zone).map(\.name) == ["gone.mp3"])
    }

    @Test("An id that rows of several members give is none's; trouble in a table is told")
    func idsAndProblems() {
        let joined = join(
            ["1.mp3", "2.mp3", "3.mp3", "i.csv"],
            [
                3: """
                file;uuid;agent
                1.mp3;0ed866c1f8b44727827daaaf7e7b098c;A
                2.mp3;0ed866c1-f8b4-4727-827d-aaaf7e7b098c;B
                3.mp3;9712cb2b99f147d69bb810e87df46c47;"C
                """
            ]
        )
        #expect(joined.metadata(of: 0)?.recordingID == nil)
        #expect(joined.metadata(of: 1)?.recordingID == nil)
        #expect(joined.metadata(of: 2)?.recordingID?.text == "9712cb2b99f147d69bb810e87df46c47")
        #expect(joined.sources.first?.problems.count == 1)
        #expect(joined.sources.first?.problems.first?.contains("quotation mark") == true)
    }

    @Test("Many files of one name in many folders are joined in time that grows with their number")
    func manyFolders() {
        let count = 1_500
        var names = (0..<count).map { "call\($0)/audio.mp3" }
        names.append("index.csv")
        let list = "file;lead_id\n" + (0..<count).map { "call\($0)/audio.mp3;\($0)\n" }.joined()
        let time = ContinuousClock().measure {
            let joined = join(names, [count: list])
            #expect((0..<count).allSatisfy { joined.metadata(of: $0)?.leadID == "\($0)" })
            // A name alone is looked for in vain, and not for ever.
            let bare = "file;lead_id\n" + String(repeating: "audio.mp3;1\n", count: 100)
            #expect(join(names, [count: bare]).ambiguous.count == 100)
        }
        #expect(time < .seconds(120))
    }

    private func join(
        _ names: [String],
        _ sidecars: [Int: String],
        columns: [String: String] = [:]
    ) -> JoinedSidecars {
        let members = names.map { ArchiveMember(name: $0, isRecording: $0.hasSuffix("mp3") || $0.hasSuffix("wav")) }
        var join = SidecarJoin(members: members, columns: (try? SidecarColumns(columns)) ?? .automatic)
        for (member, text) in sidecars.sorted(by: { $0.key < $1.key }) { join.read(Array(text.utf8), member: member) }
        return join.finish()
    }
}
