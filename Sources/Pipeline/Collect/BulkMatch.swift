import Platform
import Recordings

/// Finds out which member of a bulk download is which recording. Values in, values out.
///
/// The naming of the members is not documented, so a member is a recording's only when nothing speaks against it: its
/// name carries the recording's or the file's id or is the file's name, or its size is that of one recording alone; and
/// in every case it plays and has the declared size and length.
struct BulkMatch {
    let items: [ListedRecording]
    let members: [Member]

    /// The member of each recording that has one; what is missing has to be fetched by itself.
    func matches() -> [RecordingID: Member] {
        let playing = members.filter(\.isAudio)
        var found: [RecordingID: Member] = [:]
        var taken: Set<Int> = []
        let rounds: [(ListedRecording, Member) -> Bool] = [carriesID, hasName, hasSize]
        for isNamed in rounds {
            let open = items.filter { found[$0.id] == nil }
            let free = playing.filter { !taken.contains($0.index) }
            let pairs = open.flatMap { item in
                free.filter { isNamed(item, $0) && agrees(item, $0) }.map { (item.id, $0) }
            }
            let byItem = Dictionary(grouping: pairs, by: \.0)
            let byMember = Dictionary(grouping: pairs, by: \.1.index)
            for (id, member) in pairs where byItem[id]?.count == 1 && byMember[member.index]?.count == 1 {
                found[id] = member
                taken.insert(member.index)
            }
        }
        return found
    }

    private func carriesID(_ item: ListedRecording, _ member: Member) -> Bool {
        let name = member.name.lowercased().replacing("-", with: "")
        return [item.id.text, item.file?.id].compactMap(\.self).contains { $0.utf8.count >= 16 && name.contains($0) }
    }

    private func hasName(_ item: ListedRecording, _ member: Member) -> Bool {
        item.file?.name == member.baseName
    }

    /// A size alone is only a hint; two members of a size are nobody's, unless they are the same bytes.
    private func hasSize(_ item: ListedRecording, _ member: Member) -> Bool {
        item.file?.size == member.sizeBytes && item.duration != nil
    }

    /// Whether nothing that was declared speaks against it.
    private func agrees(_ item: ListedRecording, _ member: Member) -> Bool {
        guard case .file(let findings) = member.content, let audio = findings.audio else { return false }
        if let size = item.file?.size, size != member.sizeBytes { return false }
        guard let declared = item.duration, let measured = audio.durationMs else { return true }
        // In milliseconds or in seconds, and no nearer than encoders' padding.
        return [declared, declared * 1000].contains { abs($0 - Double(measured)) <= 1500 }
    }
}
