import Foundation
import Recordings
import Vault

/// Whose vault it is. A run as somebody else would leave files that its owner can no longer write.
struct VaultOwner {
    let vault: Vault

    /// The user to whom the vault's own folder belongs; nil as long as there is none, or where the file system knows no
    /// owners.
    var id: uid_t? {
        var facts = stat()
        // A vault that was restored has bags and nothing else yet.
        let own = "\(vault.root)/.dialvault"
        let folder = FileSystem.isFolder(own) ? own : firstYear
        guard let folder, stat(folder, &facts) == 0, facts.st_uid != Self.nobody, Self.keepsOwners(folder) else {
            return nil
        }
        return facts.st_uid
    }

    /// `archive (uid 994)`.
    var name: String? { id.map(Self.name) }

    /// - Throws: `Refusal` when the vault belongs to another user than the one that runs this.
    func requireOwn() throws {
        guard let id, id != geteuid() else { return }
        let owner = Self.name(id)
        let account = Self.accountName(id) ?? "#\(id)"
        throw Refusal.forbidden(
            "the vault \(vault.root) belongs to \(owner), and this runs as \(Self.name(geteuid())): nothing was written",
            advice: "Run it as its owner: sudo -u \(account) dialvault …"
        )
    }

    private var firstYear: String? {
        guard let day = try? vault.publishedDays().first else { return nil }
        return "\(vault.root)/\(day.description.prefix(4))"
    }

    /// As whom NFS shows root, and a container a user that it does not know.
    private static let nobody: uid_t = 65_534

    /// Whether files belong to who makes them, and not to whom the mount says.
    private static func keepsOwners(_ folder: String) -> Bool {
        let path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        // proc(5): device, mount point, type and options, with a space as \040.
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        let types = mounts.split(separator: "\n").compactMap { line -> (point: String, type: String)? in
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { return nil }
            let point = String(fields[1]).replacing("\\040", with: " ")
            let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
            return isAbove ? (point, String(fields[2])) : nil
        }
        // Of two mounts on one point the later one is seen.
        let type = types.reduce(nil as (point: String, type: String)?) { best, next in
            next.point.count >= best?.point.count ?? 0 ? next : best
        }?.type
        return !["vfat", "msdos", "exfat", "ntfs", "ntfs3", "cifs", "smb3", "9p"].contains(type)
            && type?.hasPrefix("fuse") != true
    }

    private static func name(_ id: uid_t) -> String {
        accountName(id).map { "\($0) (uid \(id))" } ?? "uid \(id)"
    }

    private static func accountName(_ id: uid_t) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return nil
        }
        return String(cString: name)
    }
}
