/// VICIdial's setting "Campaign Rec Filename", as a pattern: its variables, and any text between them.
///
/// Who copies the setting into the configuration gets campaigns and agents too, which a name alone does not show.
struct DialerTemplate: Hashable, Sendable {
    private let parts: [Part]

    private enum Part: Hashable {
        case variable(Variable)
        case text([UInt8])
    }

    private enum Variable: String, CaseIterable {
        // VENDORLEADCODE before LEADID, whose letters it does not hold, and CAMPAIGN before AGENT: no name is another's
        // beginning, so the order does not matter.
        case fullDate = "FULLDATE"
        case tinyDate = "TINYDATE"
        case epoch = "EPOCH"
        case customerPhone = "CUSTPHONE"
        case campaign = "CAMPAIGN"
        case inGroup = "INGROUP"
        case agent = "AGENT"
        case vendorLeadCode = "VENDORLEADCODE"
        case leadID = "LEADID"
        case callID = "CALLID"
        case recordingNumber = "RECID"

        /// Where its value goes; VENDORLEADCODE and RECID, a running number, have no place in the manifest.
        var group: FilenameGroup? {
            switch self {
            case .fullDate: .datetime
            case .tinyDate: .tinydate
            case .epoch: .epoch
            case .customerPhone: .phone
            case .campaign: .campaign
            case .inGroup: .queue
            case .agent: .agent
            case .leadID: .leadID
            case .callID: .callID
            case .vendorLeadCode, .recordingNumber: nil
            }
        }

        /// Whether `value` can be what VICIdial puts in the variable's place; empty where the call had none.
        func accepts(_ value: ArraySlice<UInt8>) -> Bool {
            switch self {
            case .fullDate: value.count == 15
            case .tinyDate: (11...12).contains(value.count) && value.allSatisfy(\.isDigit)
            case .epoch: value.count == 10 && value.allSatisfy(\.isDigit)
            case .customerPhone: value.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "+") }
            case .leadID, .recordingNumber: value.allSatisfy(\.isDigit)
            case .campaign, .inGroup, .agent, .vendorLeadCode, .callID: true
            }
        }
    }

    /// Returns nil when `text` holds none of the variables, or is a regular expression.
    init?(_ text: String) {
        guard !text.contains("(?"), !text.contains("\\") else { return nil }
        var parts: [Part] = []
        var literal: [UInt8] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            if let variable = Variable.allCases.first(where: { rest.hasPrefix($0.rawValue) }) {
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = []
                parts.append(.variable(variable))
                rest = rest.dropFirst(variable.rawValue.count)
            } else {
                literal.append(contentsOf: String(rest.removeFirst()).utf8)
            }
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        guard parts.contains(where: { if case .variable = $0 { true } else { false } }) else { return nil }
        self.parts = parts
    }

    /// The variables' values in a name without extension and suffix; nil when it was not made by this setting.
    ///
    /// A value ends where the text behind its variable first stands; the last one ends with the name.
    func fields(in stem: Substring) -> FilenameFields? {
        let name = Array(stem.utf8)
        var fields = FilenameFields()
        var index = 0
        for (place, part) in parts.enumerated() {
            switch part {
            case .text(let text):
                guard name[index...].starts(with: text) else { return nil }
                index += text.count
            case .variable(let variable):
                var end = name.count
                switch place + 1 < parts.count ? parts[place + 1] : nil {
                case .text(let text):
                    // FULLDATE has a hyphen of its own.
                    let from = variable == .fullDate ? min(index + 15, name.count) : index
                    guard let found = Self.find(text, in: name, from: from) else { return nil }
                    end = found
                case .variable:
                    // Nothing separates two variables: only one of a fixed length can stand before another.
                    guard let length = [Variable.fullDate: 15, .epoch: 10][variable] else { return nil }
                    end = min(index + length, name.count)
                case nil: break
                }
                guard variable.accepts(name[index..<end]) else { return nil }
                if let group = variable.group, fields[group] == nil, index < end {
                    fields[group] = String(decoding: name[index..<end], as: UTF8.self)
                    // A setting's own text may name the zone of its times: FULLDATE-UTC_CUSTPHONE.
                    if group == .datetime, place + 1 < parts.count, case .text(let text) = parts[place + 1] {
                        fields[group]? += TimeText.qualifier(in: String(decoding: text, as: UTF8.self)[...])
                    }
                }
                index = end
            }
        }
        return index == name.count ? fields : nil
    }

    private static func find(_ text: [UInt8], in name: [UInt8], from start: Int) -> Int? {
        guard start + text.count <= name.count else { return nil }
        return (start...name.count - text.count).first { name[$0...].starts(with: text) }
    }
}
