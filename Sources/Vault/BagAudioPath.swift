import Recordings

/// Tells by its path whether a file is audio of a bag: `<yyyy>/<mm>/<dd>/data/<channel>/<HH>/<name>` of a vault, or the same in
/// a bag that is in staging, `.dialvault/staging/<name>/data/<channel>/<HH>/<name>`.
///
/// The last name of published audio is such a path. No operation of ``FileSystem`` that others may call removes, replaces or
/// moves one; ``SupersededBag`` and the repair of a bag do, after they have looked where else the bytes are.
enum BagAudioPath {
    private static let channels = Set(Channel.allCases.map(\.rawValue))

    static func includes(_ path: String) -> Bool {
        // The last seven names, the file's own first.
        let names = path.utf8.split(separator: UInt8(ascii: "/")).suffix(7).reversed().map { Substring($0) }
        guard names.count == 7, isNumber(names[1], digits: 2), channels.contains(String(names[2])), names[3] == "data"
        else { return false }
        let isPublished =
            isNumber(names[4], digits: 2) && isNumber(names[5], digits: 2) && isNumber(names[6], digits: 4)
        return isPublished || names[5] == "staging" && names[6] == ".dialvault"
    }

    private static func isNumber(_ name: Substring, digits: Int) -> Bool {
        name.utf8.count == digits && name.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
