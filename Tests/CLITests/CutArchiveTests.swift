import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `A cut archive on the web` {
    private static let name = "archives/outbound-2018-04-05.tar.gz"

    @Test func `makes its source partial, and is fetched again until it is whole`() throws {
        let place = try Workplace()
        let whole = try place.bytes("\(Places.fixtures)/account/\(Self.name)")
        try place.scratch.write(whole.prefix(whole.count * 2 / 3), to: "account/\(Self.name)")
        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/account.json",
            toPath: place.scratch.file("account/account.json")
        )
        let platform = try RunningPlatform(account: place.scratch.file("account"))
        try place.configure(
            url: platform.url,
            sources: """
                    - name: outbound
                      kind: https
                      url: "\(platform.url)/archives/outbound-{yyyy}-{MM}-{dd}.tar.gz"
                """
        )
        let first = try place.dialvault("run", "2018-04-05")
        #expect(first.status == 3, "\(first.errors)")
        #expect(try place.summary().sources.first?.state == .partial)
        let cut = try place.manifest().filter { $0.channel == .dialer }
        // Nobody can say that what stands before the cut is as it was sent.
        #expect(cut.allSatisfy { $0.verdict == .degraded && $0.defects.contains { $0.code == .archiveCRC } })

        try place.scratch.write(whole, to: "account/\(Self.name)")
        let second = try place.dialvault("run", "2018-04-05")
        #expect(try place.summary().sources.first?.state == .complete, "\(second.errors)")
        let all = try place.manifest().filter { $0.channel == .dialer }
        #expect(all.count > cut.count)
        #expect(all.allSatisfy { !$0.defects.contains { $0.code == .archiveCRC } })
        #expect(try place.exceptions().allSatisfy { $0.reason != .unreadableArchive })

        // From here on there is nothing to fetch.
        let before = try place.inventory()
        try place.dialvault("run", "2018-04-05")
        #expect(try place.inventory() == before)
    }
}
