import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `Getting one recording` {
    private let sample = "0ed866c1f8b44727827daaaf7e7b098c"

    @Test func `fetches it alone into its day, and the day's run fetches the others`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        let got = try place.dialvault("get", "0ED866C1-F8B4-4727-827D-AAAF7E7B098C")
        #expect(got.status == 0, "\(got.errors)")
        let path = "\(place.bag())/data/click-to-call/10/20180405T081109Z_\(sample).mp3"
        #expect(got.text == path + "\n")
        let sums = try Program("sha256sum", [path, "\(Places.fixtures)/account/audio/\(sample).mp3"]).text
        #expect(Set(sums.split(separator: "\n").map { $0.prefix(64) }).count == 1)
        #expect(try platform.requests().count { $0.contains("/stream.") } == 1)
        let day = try place.summary()
        #expect(day.state == .incomplete)
        #expect(day.totals.recordings == 1)
        #expect(Set(try place.exceptions().map(\.reason)) == [.unavailable])

        let requests = try platform.requests().count
        #expect(try place.dialvault("get", sample).text == path + "\n")
        #expect(try platform.requests().count == requests)

        let other = try Workplace(try RunningPlatform())
        try other.dialvault("run", "2018-04-05")
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        #expect(try place.bytes("\(place.bag())/manifest.jsonl") == other.bytes("\(other.bag())/manifest.jsonl"))
        #expect(try platform.violations() == [])
    }

    @Test func `says what there is not`() throws {
        let place = try Workplace(try RunningPlatform())
        let unknown = try place.dialvault("get", "00000000000000000000000000000000")
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("the platform has no recording of that id"))
        let pending = try place.dialvault("get", "f390f344ead323b58d81f224002833e5")
        #expect(pending.status == 75)
        #expect(pending.errors.contains("is not stored yet: the platform says stopped"))
        #expect(try place.dialvault("get", "../../etc/passwd").status == 64)
        let plan = try place.dialvault("get", "--dry-run", sample)
        #expect(plan.text == "\(sample)  not archived: would be fetched from the API\n")
    }
}
