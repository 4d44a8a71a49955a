import Foundation
import Recordings
import TestSupport
import Testing

/// A file system of a given size, while a test needs it. Mounting takes root; elsewhere these tests are skipped.
final class SmallDisk {
    let path: String

    static let canMount = geteuid() == 0

    /// - Parameter size: as `mount` takes it: `800k`.
    init(_ path: String, size: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let mount = try Program("mount", ["-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path])
        try #require(mount.status == 0, "\(mount.errors)")
    }

    func resize(_ size: String) throws {
        try #require(try Program("mount", ["-o", "remount,size=\(size)", path]).status == 0)
    }

    func makeReadOnly(_ isReadOnly: Bool) throws {
        try #require(try Program("mount", ["-o", "remount,\(isReadOnly ? "ro" : "rw")", path]).status == 0)
    }

    deinit {
        _ = try? Program("umount", ["-l", path])
    }
}

@Suite struct `What there is little of` {
    /// Sizes at which the disk fills up while archives are fetched, unpacked, audio is collected, and the bag is written.
    @Test(.enabled(if: SmallDisk.canMount), arguments: ["120k", "200k", "300k", "480k", "700k", "860k"])
    func `a full disk ends the run with 1 and a sentence, publishes nothing by halves, and the next run goes on`(
        size: String
    ) throws {
        let place = try Workplace(try RunningPlatform())
        let disk = try SmallDisk(place.vault, size: size)
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.errors.contains("dialvault: Cannot "), "\(run.errors)")
        #expect(run.errors.contains("Free some space"), "\(run.errors)")
        if FileManager.default.fileExists(atPath: place.bag()) {
            let sums = try Program(
                "sha256sum",
                ["--check", "--strict", "--quiet", "tagmanifest-sha256.txt"],
                in: place.bag()
            )
            #expect(sums.status == 0, "\(sums.errors)")
        }
        try disk.resize("64m")
        let second = try place.dialvault("run", "2018-04-05")
        #expect(second.status == 0, "\(second.errors)")
        let undisturbed = try Workplace(try RunningPlatform())
        try undisturbed.dialvault("run", "2018-04-05")
        #expect(
            try place.bytes("\(place.bag())/manifest.jsonl")
                == undisturbed.bytes("\(undisturbed.bag())/manifest.jsonl")
        )
    }

    @Test(.enabled(if: SmallDisk.canMount))
    func `a read-only disk ends the run with 1 and a sentence, changes nothing, and can be looked at`() throws {
        let place = try Workplace(try RunningPlatform())
        let disk = try SmallDisk(place.vault, size: "64m")
        let first = try place.dialvault("run", "2018-04-05")
        #expect(first.status == 0, "\(first.errors)")
        let before = try place.inventory()
        try disk.makeReadOnly(true)
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.errors.contains("may write to it"), "\(run.errors)")
        #expect(try place.inventory() == before)
        let audit = try place.dialvault("audit")
        #expect(audit.status == 0, "\(audit.text)\(audit.errors)")
        #expect(try place.dialvault("status").status == 0)
        try disk.makeReadOnly(false)
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        #expect(try place.inventory() == before)
    }

    @Test(.disabled(if: isSanitized, "a sanitizer's notes would count"))
    func `memory does not grow with the size of archives and audio`() throws {
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let small = try peakKilobytes(fileBytes: 100_000, python)
        let large = try peakKilobytes(fileBytes: 6_000_000, python)
        #expect(large < small + 24_000, "\(small) kB with small files, \(large) kB with files sixty times as large")
    }

    /// The most memory that `dialvault run` or a process of it takes for two archives of twelve WAV files each and
    /// three recordings of the API.
    private func peakKilobytes(fileBytes: Int, _ python: String) throws -> Int {
        let place = try Workplace()
        let make = """
            import json, os, struct, sys, tarfile, zipfile
            root, size = sys.argv[1], int(sys.argv[2])
            def wav():
                data = os.urandom(size)
                return (b'RIFF' + struct.pack('<I', 36 + size) + b'WAVEfmt ' +
                    struct.pack('<IHHIIHH', 16, 1, 1, 8000, 16000, 2, 16) + b'data' + struct.pack('<I', size) + data)
            os.makedirs(root + '/audio'); os.makedirs(root + '/archives'); os.makedirs(root + '/members')
            for i in range(12):
                open(f'{root}/members/20180405-1015{i:02d}_999189807{i:03d}-all.wav', 'wb').write(wav())
            names = sorted(os.listdir(root + '/members'))
            with tarfile.open(root + '/archives/a-2018-04-05.tar.gz', 'w:gz', compresslevel=1) as tar:
                for n in names: tar.add(f'{root}/members/{n}', n)
            with zipfile.ZipFile(root + '/archives/b-2018-04-05.zip', 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z:
                for n in names: z.write(f'{root}/members/{n}', 'x' + n)
            items = []
            for i in range(3):
                open(f'{root}/audio/{i}.wav', 'wb').write(wav())
                items.append({'id': f'{i:032x}', 'dateCreated': f'2018-04-05T08:1{i}:09.000Z', 'duration': size // 16,
                    'state': 'stored', 'audio': f'{i}.wav', 'call': {'id': f'{i:032x}', 'type': 'INBOUND'}})
            json.dump(items, open(root + '/recordings.json', 'w'))
            """
        let account = place.scratch.file("account")
        let made = try Program(python, ["-c", make, account, "\(fileBytes)"])
        try #require(made.status == 0, "\(made.errors)")
        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/account.json",
            toPath: "\(account)/account.json"
        )
        let platform = try RunningPlatform(account: account)
        defer { _ = platform }
        try place.configure(
            url: platform.url,
            sources: """
                    - name: first
                      kind: directory
                      path: \(account)/archives
                      pattern: "a-{yyyy-MM-dd}.tar.gz"
                    - name: second
                      kind: https
                      url: "\(platform.url)/archives/b-{yyyy-MM-dd}.zip"
                """
        )
        let measure = """
            import resource, subprocess, sys
            status = subprocess.run(sys.argv[1:]).returncode
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
            sys.exit(status)
            """
        let run = try Program(
            python,
            ["-c", measure, Places.product("dialvault"), "run", "2018-04-05"],
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml")]
        )
        try #require(run.status == 0, "\(run.errors)")
        #expect(try place.summary().totals.recordings == 27)
        return try #require(Int(run.text.split(separator: "\n").last ?? ""))
    }
}
