import Foundation
import Recordings
import TestSupport
import Testing

/// What `run` chooses, plans and gives up. The fixtures' day lies years back: its archives expired on 2018-05-05 at 22:00 UTC
/// by the default retention.
@Suite struct `What is due` {
    private let platform: RunningPlatform
    private let place: Workplace

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.scratch.file("drop"), withIntermediateDirectories: true)
        try configure()
    }

    /// - Parameter retention: the configuration's.
    private func configure(_ retention: String = "{}", url: String? = nil) throws {
        try place.configure(
            url: url ?? platform.url,
            sources: """
                    - name: outbound
                      kind: directory
                      path: \(place.scratch.file("drop"))
                      pattern: "export-{yyyy}-{MM}-{dd}.tar"
                """,
            retention: retention
        )
    }

    private func outbound() throws -> DaySummary.Source {
        try #require(try place.summary().sources.first { $0.name == "outbound" })
    }

    @Test func `says of an archive that did not come in time that it has expired, and takes it in when it turns up`()
        throws
    {
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 3, "\(run.errors)")
        #expect(run.errors.contains("until 2018-05-05T22:00:00.000Z"))
        let expired = try outbound()
        #expect(expired.state == .expired)
        #expect(expired.expiredAt?.description == "2018-05-05T22:00:00.000Z")
        // The call log of the fixtures names the dialer's calls of that day.
        let counted = try Program(
            "jq",
            [
                """
                [.[] | select(.source == "dialer" and .dateEstablished != null \
                and .dateCreated >= "2018-04-04T22:00:00" and .dateCreated < "2018-04-05T22:00:00")] | length
                """, "\(Places.fixtures)/account/calls.json",
            ]
        )
        #expect(counted.text == "\(expired.lost?.calls ?? -1)\n")

        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let schema = try place.scratch.write(try place.dialvault("schema", "day").output, to: "schema.json")
        let check = """
            import json, sys, jsonschema
            jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))
            """
        let validation = try Program(python, ["-c", check, schema, "\(place.bag())/day.json"])
        #expect(validation.status == 0, "\(validation.errors)")

        let status = try place.dialvault("status")
        #expect(status.text.contains("2018-04-05  lost"), "\(status.text)")
        #expect(status.text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(status.text)")

        let before = try place.inventory()
        let again = try place.dialvault("run", "2018-04-05")
        #expect(again.status == 3)
        #expect(!again.errors.contains("They are lost"), "it is said once: \(again.errors)")
        #expect(try place.inventory() == before)

        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/archives/export-2018-04-05.tar",
            toPath: place.scratch.file("drop/export-2018-04-05.tar")
        )
        let late = try place.dialvault("run", "2018-04-05")
        #expect(late.status == 0, "\(late.errors)")
        #expect(try outbound().state == .complete)
        #expect(try outbound().published == 3)
    }

    @Test func `is planned without asking anybody, in 80 columns and as data`() throws {
        try place.dialvault("run", "2018-04-05")
        let asked = try platform.requests().count
        let since = String(try Program("date", ["-d", "20 days ago", "+%F"]).text.dropLast())
        let plan = try place.dialvault("run", "--dry-run", "--since", since, "--tpslimit", "2")
        #expect(plan.status == 0, "\(plan.errors)")
        #expect(plan.text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(plan.text)")
        #expect(plan.text.contains(since))
        #expect(plan.text.contains("at 2 requests a second to the platform"))
        #expect(plan.text.contains("Estimated from the 1 day archived last; nobody was asked."))
        #expect(plan.text.contains(" needed on disk, "))
        #expect(try platform.requests().count == asked)
        #expect(!FileManager.default.fileExists(atPath: place.bag(since)))

        let long = try place.dialvault("run", "--dry-run", "--since", "2018-04-06")
        #expect(long.text.split(separator: "\n").count < 200)
        #expect(long.text.contains(" more days: dialvault run --dry-run --json"))

        let json = try place.dialvault("run", "--dry-run", "yesterday", "--json")
        let shape = try Program(
            "jq",
            [
                "-r",
                "[.estimated_from_days, (.days | length), .days[0].sources[].name, .days[0].sources[1].recordings] | @csv",
            ],
            input: json.output
        )
        #expect(shape.text == "1,1,\"outbound\",\"api\",12\n", "\(json.text)")
    }

    @Test func `begins with the day that --since gives`() throws {
        let plan = try place.dialvault("run", "--dry-run", "--since", "yesterday", "--json")
        let days = try Program("jq", [".days | length"], input: plan.output)
        #expect(days.text == "3\n", "yesterday, and the two days before it that are looked at again")
        let both = try place.dialvault("run", "2018-04-05", "--since", "2018-04-01")
        #expect(both.status == 64)
        #expect(both.errors.contains("not both"), "\(both.errors)")
    }

    @Test func `comes sooner when the account keeps recordings for less time, and a warning says so once`() throws {
        try Program("cp", ["-r", "\(Places.fixtures)/account", place.scratch.file("account")])
        try place.scratch.write(
            Program(
                "jq",
                [".retention = {recordingFiles: 20}", "\(Places.fixtures)/account/account.json"]
            ).output,
            to: "account/account.json"
        )
        let shortened = try RunningPlatform(account: place.scratch.file("account"))
        try configure(url: shortened.url)
        let first = try place.dialvault("run", "yesterday")
        #expect(first.errors.contains("the account keeps recordings for 20 days, and not for 180"), "\(first.errors)")
        let second = try place.dialvault("run", "yesterday")
        #expect(!second.errors.contains("the account keeps"), "\(second.errors)")
        #expect(try shortened.requests().count { $0.contains("/settings/retention/periods") } == 1)
        // Of yesterday, nothing expires within a week; of what the account keeps for 20 days, all within 21.
        #expect(try place.dialvault("status", "--at-risk", "7d").status == 0)
        #expect(try place.dialvault("status", "--at-risk", "21d").status == 5)
    }

    @Test(.enabled(if: SmallDisk.canMount))
    func `does not begin where not even the first day fits on the disk`() throws {
        let disk = try SmallDisk(place.vault, size: "64m")
        try place.dialvault("run", "2018-04-05")
        // One recording of that day alone has 352,512 bytes.
        try Program("sh", ["-c", "cat /dev/zero >'\(place.vault)/full'; truncate -s -300K '\(place.vault)/full'"])
        let asked = try platform.requests().count
        let run = try place.dialvault("run", "yesterday")
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.errors.contains("alone will not fit"), "\(run.errors)")
        #expect(run.errors.contains("Free some space"))
        #expect(try platform.requests().count == asked)
        withExtendedLifetime(disk) {}
    }
}
