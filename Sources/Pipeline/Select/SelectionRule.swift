package import Recordings
package import Settings

/// What a selection asks of a call: as much of it as is known.
package struct CallFacts: Hashable, Sendable {
    package var direction: Recording.Direction?
    package var agent: Recording.Agent?
    package var queue: String?
    package var campaign: String?
    package var tags: [String] = []
    package var from: String?
    package var to: String?
    /// The least and the most that the audio can last, in milliseconds; nil when nothing is known of it.
    package var durationMs: ClosedRange<Int64>?

    package init() {}
}

/// Decides what is archived, by the configuration's `select`. Values in, values out.
///
/// A recording is left out when one of the conditions given does not hold. What nobody knows of a call cannot match:
/// a call without a queue is in none of `select.queues`.
package struct SelectionRule: Sendable {
    package enum Decision: Hashable, Sendable {
        case selected
        /// Left out; the detail is for people.
        case leftOut(String)
        /// Only the audio itself can tell.
        case undecided
    }

    private let selection: Configuration.Selection

    package init(_ selection: Configuration.Selection) {
        self.selection = selection
    }

    package var selectsEverything: Bool { selection.isEmpty }

    /// Whether it asks for something that only the call log knows of an API recording.
    package var needsCallLog: Bool { !selection.queues.isEmpty || !selection.campaigns.isEmpty }

    package func decide(_ facts: CallFacts) -> Decision {
        if selection.isEmpty { return .selected }
        for detail in [direction(facts), agent(facts), queue(facts), campaign(facts), tag(facts), number(facts)] {
            if let detail { return .leftOut(detail) }
        }
        return duration(facts)
    }

    // MARK: The conditions: nil when they hold

    private func direction(_ facts: CallFacts) -> String? {
        guard !selection.directions.isEmpty else { return nil }
        guard let direction = facts.direction else { return "its direction is not known" }
        return selection.directions.contains(direction) ? nil : "\(direction.rawValue) is not in select.directions"
    }

    private func agent(_ facts: CallFacts) -> String? {
        guard !selection.agents.isEmpty else { return nil }
        let names = [facts.agent?.id, facts.agent?.name, facts.agent?.number].compactMap(\.self)
        return missing(names, in: selection.agents, of: "agent", key: "agents")
    }

    private func queue(_ facts: CallFacts) -> String? {
        missing(facts.queue.map { [$0] } ?? [], in: selection.queues, of: "queue", key: "queues")
    }

    private func campaign(_ facts: CallFacts) -> String? {
        missing(facts.campaign.map { [$0] } ?? [], in: selection.campaigns, of: "campaign", key: "campaigns")
    }

    private func tag(_ facts: CallFacts) -> String? {
        missing(facts.tags, in: selection.tags, of: "tag", key: "tags")
    }

    private func missing(_ names: [String], in patterns: [String], of noun: String, key: String) -> String? {
        if patterns.isEmpty { return nil }
        if names.isEmpty { return "it has no \(noun), and select.\(key) asks for one" }
        let isThere = names.contains { name in patterns.contains { Wildcard($0).matches(name) } }
        return isThere ? nil : "its \(noun) is not in select.\(key)"
    }

    private func number(_ facts: CallFacts) -> String? {
        guard !selection.numbers.isEmpty else { return nil }
        let numbers = [facts.from, facts.to].compactMap(\.self).map(Self.dialled)
        let isThere = numbers.contains { number in
            selection.numbers.contains { Wildcard(Self.dialled($0)).matches(number) }
        }
        return isThere ? nil : "none of its numbers is in select.numbers"
    }

    /// A number without what people put between its digits, nor the `+` or `00` in front of a country's.
    private static func dialled(_ number: String) -> String {
        let digits = number.filter { ("0"..."9").contains($0) || $0 == "*" }
        return digits.hasPrefix("00") ? String(digits.dropFirst(2)) : digits
    }

    private func duration(_ facts: CallFacts) -> Decision {
        let least = selection.minimumDurationMs
        guard least > 0 else { return .selected }
        guard let range = facts.durationMs else { return .undecided }
        if range.lowerBound >= least { return .selected }
        if range.upperBound < least { return .leftOut("it is shorter than select.min_duration") }
        return .undecided
    }
}

/// A pattern in which `*` stands for any text, slashes and all; large and small letters are the same.
struct Wildcard: Sendable {
    private let parts: [Substring]

    init(_ pattern: String) {
        parts = pattern.lowercased().split(separator: "*", omittingEmptySubsequences: false)
    }

    func matches(_ text: String) -> Bool {
        var rest = Substring(text.lowercased())
        guard let first = parts.first, rest.hasPrefix(first) else { return false }
        guard parts.count > 1, let last = parts.last else { return rest == first }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
