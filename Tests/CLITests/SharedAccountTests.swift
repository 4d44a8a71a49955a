import Foundation
import Recordings
import TestSupport
import Testing

/// What an account must never see, however many processes use it. The platform's simulator counts for itself, request by
/// request, and refuses what is over its limit. It grants a burst of five: so much a busy machine may bring requests
/// nearer to each other between their leave and their arrival.
@Suite struct `An account that several runs share` {
    /// Three days of one account, 300 recordings each, with their calls.
    private func account(_ scratch: ScratchFolder, perSecond: Int) throws -> String {
        var recordings: [String] = []
        var calls: [String] = []
        for number in 0..<900 {
            let id = String(repeating: "0", count: 29) + String(number + 100)
            let at = "2018-04-0\(4 + number / 300)T\(10 + number % 10):00:\(10 + number % 50).000Z"
            recordings.append(
                #"{"id":"\#(id)","audio":"a.mp3","dateCreated":"\#(at)","call":{"id":"c\#(id.dropFirst())"}}"#
            )
            calls.append(
                #"{"id":"c\#(id.dropFirst())","dateCreated":"\#(at)","source":"queue","recordings":["\#(id)"]}"#
            )
        }
        let sample = "\(Places.fixtures)/account/audio/f0438224568d68ed04cf4bbb50e065e7.mp3"
        let folder = scratch.file("account")
        try FileManager.default.createDirectory(atPath: "\(folder)/audio", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: sample, toPath: "\(folder)/audio/a.mp3")
        try scratch.write(
            """
            {"users":[{"username":"archive@example.com","password":"correct horse","manager":true}],
             "rate_limit":{"per_second":\(perSecond),"burst":5}}
            """,
            to: "account/account.json"
        )
        try scratch.write("[\(recordings.joined(separator: ","))]", to: "account/recordings.json")
        try scratch.write("[\(calls.joined(separator: ","))]", to: "account/calls.json")
        return folder
    }

    @Test func `sees no more than its limit, one audio request at a time, and one sign-in at a time`() throws {
        let scratch = try ScratchFolder()
        let platform = try RunningPlatform(account: try account(scratch, perSecond: 100))
        let place = try Workplace()
        try place.configure(url: platform.url, sources: "")
        let days = ["2018-04-04", "2018-04-05", "2018-04-06"]
        let runs = try days.map { try place.start("run", $0, "--tpslimit", "100", "--no-progress") }
        for run in runs {
            run.waitUntilExit()
            #expect(run.terminationStatus == 0)
        }
        for day in days { #expect(try place.summary(day).totals.recordings == 300) }
        #expect(try platform.requests().count > 900)
        #expect(try platform.violations() == [])
    }
}
