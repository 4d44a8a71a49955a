package import Foundation
package import Recordings

/// What recordings are looked for by. What is not set is not asked about.
package struct RecordingQuery: Sendable {
    /// Of either side of the call.
    package var number: PhoneNumber?
    /// The agent's id or number, or a part of the name.
    package var agent: String?
    package var channel: Channel?
    package var verdict: Verdict?
    /// The first moment and the first one behind it.
    package var after: Timestamp?
    package var before: Timestamp?

    package init() {}

    package func matches(_ recording: Recording) -> Bool {
        if let channel, recording.channel != channel { return false }
        if let verdict, recording.verdict != verdict { return false }
        if let after, recording.startedAt < after { return false }
        if let before, recording.startedAt >= before { return false }
        if let agent, !matches(recording.agent, agent) { return false }
        guard let number else { return true }
        return [recording.call?.from, recording.call?.to].contains { written in
            written.flatMap(PhoneNumber.init).map { $0.isSame(as: number) } ?? false
        }
    }

    private func matches(_ agent: Recording.Agent?, _ wanted: String) -> Bool {
        guard let agent else { return false }
        if agent.id?.lowercased() == wanted.lowercased() || agent.number == wanted { return true }
        return agent.name?.localizedCaseInsensitiveContains(wanted) ?? false
    }

    /// Whether a line of a manifest can be a match: what saves decoding most of them.
    ///
    /// A key's quotes are never escaped, and those inside of a value always are, so a key is found by its bytes alone.
    func canMatch(_ line: Data) -> Bool {
        guard let number else { return true }
        return line.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            var place = 0
            while let found = memchr(base + place, Int32(UInt8(ascii: ":")), bytes.count - place) {
                let colon = UnsafeRawPointer(found) - base
                place = colon + 1
                let before = bytes[..<colon]
                guard
                    Self.numberKeys.contains(where: {
                        before.count > $0.count && before.suffix($0.count).elementsEqual($0)
                    })
                else { continue }
                let written = bytes[place...].dropFirst().prefix { $0 != UInt8(ascii: "\"") }
                let other = PhoneNumber(String(decoding: written, as: UTF8.self))
                if let other, other.isSame(as: number) { return true }
            }
            return false
        }
    }

    private static let numberKeys = [Array(#""from""#.utf8), Array(#""to""#.utf8)]
}

extension Vault {
    /// Tells every recording of a day that is looked for, in the manifest's order, from one revision of it. It takes no lock.
    ///
    /// - Parameter receive: takes the recording and its line as it stands in the manifest, with its newline.
    /// - Returns: false when the day has no bag.
    /// - Throws: `Failure` with code `corrupt` when the manifest is not the one that was published.
    @discardableResult
    package func search(
        _ day: Day,
        _ query: RecordingQuery,
        _ receive: (Recording, Data) throws -> Void
    ) throws -> Bool {
        guard let summary = try publishedSummary(day) else { return false }
        let lines = try manifest(of: summary)
        let decoder = JSONDecoder()
        while let line = try lines.next() {
            guard query.canMatch(line) else { continue }
            guard let recording = try? decoder.decode(Recording.self, from: line), Recording.isSafePath(recording.path)
            else { throw damaged(summary) }
            if query.matches(recording) { try receive(recording, line + Data("\n".utf8)) }
        }
        guard lines.digest() == summary.manifestSHA256 else { throw damaged(summary) }
        return true
    }

    private func damaged(_ summary: DaySummary) -> Failure {
        Failure(
            .corrupt,
            "the manifest of \(summary.day) is not the one that was published as revision \(summary.revision)",
            advice: "Find out what is changed: dialvault audit \(summary.day)"
        )
    }
}
