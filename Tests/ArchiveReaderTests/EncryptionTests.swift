import ArchiveReader
import Foundation
import Recordings
import TestSupport
import Testing

@Suite("Encrypted archives")
struct EncryptionTests {
    private let first = Array((0..<900).map { "\($0 * 7) frames " }.joined().utf8)
    private let second = noise(20_000, seed: 5)

    /// Traditional PKWARE encryption by two writers, and WinZip's AES.
    private static let zippers = [
        "zip -q -P secret out d/?.mp3", "zip -q0 -P secret out d/?.mp3", "7z a -bd -tzip -psecret out.zip d",
        "7z a -bd -tzip -mem=AES256 -psecret out.zip d", "7z a -bd -tzip -mem=AES128 -mx=0 -psecret out.zip d",
    ]

    /// Runs a shell script beside `d/a.mp3`, `d/b.mp3` and `d/c.mp3`.
    private func packed(_ script: String) throws -> [UInt8] {
        let folder = try ScratchFolder()
        for (name, content) in [("a", first), ("b", second), ("c", Array(second.reversed()))] {
            try folder.write(Data(content), to: "d/\(name).mp3")
        }
        let run = try Program("bash", ["-ec", "\(script) > log; cat out.*"], in: folder.path)
        #expect(run.status == 0, "\(run.errors)")
        return Array(run.output)
    }

    private func read(_ bytes: [UInt8], _ passphrase: String?) throws -> Reading {
        try Reading(bytes) { $0.passphrase = passphrase }
    }

    private static let all = ["d/a.mp3", "d/b.mp3", "d/c.mp3"]

    @Test("The right passphrase opens a zip", arguments: zippers)
    func opened(_ zipper: String) throws {
        let reading = try read(try packed(zipper), "secret")
        #expect(reading.report.state == .complete, "\(reading.report.detail ?? "")")
        #expect(reading.report.encryption == nil)
        #expect(reading.wholeNames == Self.all)
        #expect(reading.bytes(of: "d/a.mp3") == first)
        #expect(reading.bytes(of: "d/b.mp3") == second)
    }

    @Test("Without a passphrase each entry says that it needs one", arguments: zippers)
    func missing(_ zipper: String) throws {
        let reading = try read(try packed(zipper), nil)
        #expect(reading.report.encryption == .noPassphrase)
        #expect(reading.report.state == .partial)
        #expect(reading.names == Self.all)
        for entry in reading.entries {
            guard case .damaged(let reason) = entry.outcome else {
                Issue.record("\(entry.header.name.text) is not told")
                continue
            }
            #expect(reason.hasPrefix("it is encrypted, and there is no passphrase for it"))
        }
    }

    @Test("A wrong passphrase opens nothing, and is told", arguments: zippers)
    func wrong(_ zipper: String) throws {
        let zip = try packed(zipper)
        // One byte alone tells a wrong passphrase for PKWARE's encryption: of so many some are not told by it.
        for number in 0..<300 {
            let reading = try read(zip, "guess \(number)")
            #expect(reading.report.encryption == .notOpened)
            #expect(reading.report.state == .partial)
            #expect(reading.names == Self.all)
            #expect(reading.wholeNames.isEmpty)
        }
    }

    @Test("Entries that are not encrypted are read without a passphrase")
    func mixed() throws {
        let reading = try read(
            try packed("zip -q out d/b.mp3; zip -q -P secret out d/a.mp3; zip -q out d/c.mp3"),
            nil
        )
        #expect(reading.wholeNames == ["d/b.mp3", "d/c.mp3"])
        #expect(reading.report.encryption == .noPassphrase)
    }

    @Test("A damaged entry takes no other with it", arguments: zippers)
    func damaged(_ zipper: String) throws {
        var zip = try packed(zipper)
        // Well inside of the first entry, deflated or not.
        for place in 900..<1000 { zip[place] ^= 0x55 }
        let reading = try read(zip, "secret")
        #expect(reading.report.state == .partial)
        #expect(reading.wholeNames == ["d/b.mp3", "d/c.mp3"])
        #expect(reading.names == Self.all)
    }

    @Test("A cut zip gives what stands before the cut", arguments: zippers)
    func cut(_ zipper: String) throws {
        let zip = try packed(zipper)
        let reading = try read(Array(zip[..<(zip.count - 12_000)]), "secret")
        #expect(reading.report.state == .partial)
        #expect(reading.wholeNames == ["d/a.mp3", "d/b.mp3"])
        #expect(try read(Array(zip[..<(zip.count - 12_000)]), nil).report.encryption == .noPassphrase)
    }

    @Test("An encrypted 7z is named and not opened", arguments: ["-mhe=off", "-mhe=on"])
    func sevenZip(_ option: String) throws {
        let reading = try read(try packed("7z a -bd -psecret \(option) out.7z d"), "secret")
        #expect(reading.report.state != .complete)
        #expect(reading.report.encryption == .notSupported)
        #expect(reading.report.detail?.contains("encrypted") == true)
        #expect(reading.wholeNames.isEmpty)
    }
}
