import Foundation
import Recordings
import TestSupport
import Testing

/// A vault that has revision 1 of 2018-04-05, from one archive alone, and a run that makes revision 2 of it from everything
/// else, and the first of 2018-04-06. It is disturbed again and again, each time from the same start.
final class FaultScene {
    static let days = ["2018-04-05", "2018-04-06"]

    private let platform: RunningPlatform
    private let place: Workplace
    private let start: String
    /// What an undisturbed run makes of it: manifest and exceptions of both days.
    private let undisturbed: [Data]

    /// Where the disturbed vault lies.
    var vault: String { place.scratch.file("disturbed") }

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace()
        start = place.scratch.file("start")
        let partner = """
                - name: partner
                  kind: directory
                  path: \(Places.fixtures)/account/archives
                  pattern: "export-{yyyy}-{MM}-{dd}.tar"
            """
        try place.configure(url: platform.url, sources: partner)
        let first = try place.dialvault("run", "2018-04-05", "--vault", start, "--tpslimit", "1000")
        try #require(first.status == 0, "\(first.errors)")
        try place.configure(url: platform.url)
        let whole = place.scratch.file("undisturbed")
        try Self.copy(start, to: whole)
        let run = try place.dialvault("run", "2018-04-05", "--vault", whole, "--tpslimit", "1000")
        try #require(run.status == 0, "\(run.errors)")
        undisturbed = try Self.content(whole)
    }

    /// Puts the vault back to the start.
    func reset() throws {
        try Program("rm", ["-rf", vault])
        try Self.copy(start, to: vault)
    }

    private static func copy(_ vault: String, to other: String) throws {
        let copy = try Program("cp", ["-a", vault, other])
        try #require(copy.status == 0, "\(copy.errors)")
    }

    private static func content(_ vault: String) throws -> [Data] {
        try days.flatMap { day in
            try ["manifest.jsonl", "exceptions.jsonl"].map { name in
                let path = "\(vault)/\(day.replacing("-", with: "/"))/\(name)"
                return try Data(contentsOf: URL(fileURLWithPath: path))
            }
        }
    }

    /// - Parameters:
    ///   - failpoints: as the program takes them.
    ///   - seconds: after so many it is killed.
    func run(failpoints: String = "", killedAfter seconds: Double? = nil) throws -> Program {
        // Fetching again makes the run come by every step of the collect stage.
        let arguments = ["run", "2018-04-05", "--vault", vault, "--tpslimit", "1000", "--refetch"]
        let environment = [
            "DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "HOME": place.scratch.path,
            "FAILPOINTS": failpoints,
        ]
        let program = Places.product("dialvault")
        guard let seconds else {
            return try Program(program, arguments, in: place.scratch.path, environment: environment)
        }
        return try Program(
            "timeout",
            ["--signal=KILL", "\(seconds)", program] + arguments,
            in: place.scratch.path,
            environment: environment
        )
    }

    /// Every failpoint that an undisturbed run comes by, and how often one process of it does.
    func trace() throws -> [String: Int] {
        try reset()
        let run = try run(failpoints: "trace")
        try #require(run.status == 0, "\(run.errors)")
        let names = run.errors.split(separator: "\n").compactMap { line in
            line.hasPrefix("failpoint ") ? String(line.dropFirst("failpoint ".count)) : nil
        }
        return Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// Every bag that is there must be one by the reference implementation.
    func expectValidBags(_ what: String) throws {
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let bags = Self.days.map { "\(vault)/\($0.replacing("-", with: "/"))" }
            .filter { FileManager.default.fileExists(atPath: $0) }
        #expect(!bags.isEmpty, "\(what): the published day is gone")
        let validation = try Program(python, ["-m", "bagit", "--validate", "--quiet"] + bags)
        #expect(validation.status == 0, "\(what): \(validation.errors)")
    }

    /// The next run ends well, with the bytes of one that was never disturbed, and leaves nothing behind.
    func expectCompletion(_ what: String) throws {
        let run = try run()
        #expect(run.status == 0, "\(what): \(run.errors)")
        #expect(try Self.content(vault) == undisturbed, "\(what): the manifests differ")
        try expectValidBags(what)
        let audit = try Program(
            Places.product("dialvault"),
            ["audit", "--vault", vault],
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml")]
        )
        #expect(audit.status == 0, "\(what): \(audit.text)\(audit.errors)")
        let left = try Program("find", ["\(vault)/.dialvault/staging", "-mindepth", "1"]).text
        #expect(left == "", "\(what): left in staging: \(left)")
    }

    /// Watches the day while `body` runs: it is never absent, and never anything but one revision.
    func whileWatching<Value>(_ what: String, mayBeAbsent: Bool = false, _ body: () throws -> Value) throws -> Value {
        let watcher = try BagWatcher(
            "\(vault)/2018/04/05",
            "\(vault)/2018/04/06",
            mustBeThere: mayBeAbsent ? 0 : 1,
            script: try place.scratch.write(BagWatcher.script, to: "watch.py")
        )
        let value = try body()
        let seen = try watcher.end()
        #expect(seen.looks > 0)
        #expect(seen.mixed == [], "\(what)")
        return value
    }
}

/// A reader in a process of its own, which never stops looking.
private final class BagWatcher {
    struct Seen: Decodable {
        let looks: Int
        let mixed: [String]
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ bags: String..., mustBeThere: Int, script: String) throws {
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script, "\(mustBeThere)"] + bags
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // It says when it has looked for the first time.
        _ = try output.fileHandleForReading.read(upToCount: 1)
    }

    func end() throws -> Seen {
        try input.fileHandleForWriting.close()
        let seen = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONDecoder().decode(Seen.self, from: seen)
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Opens the folder once and reads everything through it, as a careful reader does. What is missing from it is a mix,
    /// unless another folder has taken its place.
    static let script = """
        import hashlib, json, os, select, sys
        must, bags, mixed, looks = int(sys.argv[1]), sys.argv[2:], [], 0

        def read(folder, name):
            with open(os.open(name, os.O_RDONLY, dir_fd=folder), 'rb') as file:
                return file.read()

        def look(bag, is_needed):
            try:
                folder = os.open(bag, os.O_RDONLY | os.O_DIRECTORY)
            except FileNotFoundError:
                if is_needed: mixed.append(bag + ' is not there')
                return
            try:
                for line in read(folder, 'tagmanifest-sha256.txt').decode().splitlines():
                    digest, name = line.split(None, 1)
                    if hashlib.sha256(read(folder, name)).hexdigest() != digest: mixed.append(bag + ': ' + name)
                rows = read(folder, 'manifest.jsonl')
                day = json.loads(read(folder, 'day.json'))
                if hashlib.sha256(rows).hexdigest() != day['manifest_sha256']: mixed.append(bag + ': another manifest')
                named = {line.split(None, 1)[1] for line in read(folder, 'manifest-sha256.txt').decode().splitlines()}
                if named != {json.loads(row)['path'] for row in rows.splitlines()}: mixed.append(bag + ': other rows')
                for name in named: os.stat(name, dir_fd=folder)
            except FileNotFoundError as error:
                try:
                    if os.stat(bag).st_ino == os.fstat(folder).st_ino: mixed.append(bag + ': ' + str(error))
                except FileNotFoundError:
                    if is_needed: mixed.append(bag + ' is not there')
            finally:
                os.close(folder)

        while True:
            for number, bag in enumerate(bags): look(bag, number < must)
            looks += 1
            if looks == 1: print('.', end='', flush=True)
            if select.select([sys.stdin], [], [], 0)[0]: break
        print(json.dumps({'looks': looks, 'mixed': sorted(set(mixed))}))
        """
}
