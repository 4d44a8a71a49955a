import Foundation
import Recordings
import Testing

@testable import Settings

@Suite("A secret shows itself nowhere")
struct SecretValueTests {
    private struct Holder: Encodable { let secret = Secret("hunter2") }

    @Test("Not when it is described, interpolated, reflected, dumped or encoded")
    func hidden() throws {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Holder(), to: &dumped)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Holder())",
            String(reflecting: [secret]), dumped, "\(Mirror(reflecting: secret).children.map(\.value))",
            "\(Optional(secret) as Any)", String(decoding: try JSONEncoder().encode(Holder()), as: UTF8.self),
        ]
        #expect(texts.allSatisfy { !$0.contains("hunter2") })
        #expect(secret.exposed == "hunter2")
    }

    @Test("Nor does a configuration that holds one")
    func configuration() throws {
        let loaded = try load("vault: /v\napi: { username: u, password: hunter2 }")
        var dumped = ""
        dump(loaded, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(!"\(loaded)".contains("hunter2"))
    }
}

@Suite("Where a secret comes from")
struct SecretTests {
    private static let effects = SecretEffects(
        readFile: { path in
            switch path {
            case "/p", "/conf/p": .init(bytes: Array("from file\n".utf8), mode: 0o600)
            case "/open": .init(bytes: Array("from file\r\n".utf8), mode: 0o644)
            case "/empty": .init(bytes: [0x0A], mode: 0o600)
            case "/two": .init(bytes: Array("hunter2\nhunter2\n".utf8), mode: 0o600)
            case "/binary": .init(bytes: [0xFF], mode: 0o600)
            case "/large": .init(bytes: [UInt8](repeating: 0x61, count: 65_537), mode: 0o600)
            default: throw Failure(.notFound, "No such file or directory")
            }
        },
        runCommand: { line in
            guard line == "print it" else { throw Failure(.configuration, "it ended with exit code 3") }
            return SecretEffects.Output(bytes: Array("from command\n".utf8), complaint: "be quick")
        }
    )

    private func password(
        _ keys: String,
        environment: [String: String] = [:]
    ) async throws -> ResolvedSecret {
        let api = try load("vault: /v\napi:\n  username: u\n  \(keys)", environment: environment).configuration.api
        guard case .password(_, let reference) = try api.requiredSignIn() else { throw CancellationError() }
        return try await reference.resolved(with: Self.effects)
    }

    @Test("The value itself, a file or a command's output")
    func threeWays() async throws {
        #expect(try await password("password: ' hunter2 '").secret.exposed == " hunter2 ")
        #expect(try await password("password: 0123").secret.exposed == "0123")
        #expect(try await password("password_file: /p").secret.exposed == "from file")
        #expect(try await password("password_file: ./p").secret.exposed == "from file")
        let printed = try await password("password_command: print it")
        #expect(printed.secret.exposed == "from command")
        #expect(printed.warning == "the command that api.password_command names said: be quick")
    }

    @Test("The environment has the same three, and goes before the file")
    func environment() async throws {
        let file = "password_file: /nowhere"
        #expect(try await password(file, environment: ["DIALVAULT_API_PASSWORD": "e"]).secret.exposed == "e")
        #expect(
            try await password(file, environment: ["DIALVAULT_API_PASSWORD_FILE": "/p"]).secret.exposed == "from file"
        )
        #expect(
            try await password(file, environment: ["DIALVAULT_API_PASSWORD_COMMAND": "print it"]).secret.exposed
                == "from command"
        )
    }

    @Test("A source's variable bears its name")
    func sourceEnvironment() async throws {
        let text = source("kind: https\nurl: https://h/{dd}").replacing("power", with: "new.power")
        let environment = ["DIALVAULT_DIALER_NEW_POWER_USERNAME": "u", "DIALVAULT_DIALER_NEW_POWER_PASSWORD": "e"]
        let loaded = try load(text, environment: environment)
        #expect(loaded.warnings.isEmpty)
        guard
            case .https(let https) = loaded.configuration.dialer.sources.first?.access,
            case .basic("u", let reference) = https.signIn
        else {
            Issue.record("not signed in")
            return
        }
        #expect(try await reference.resolved(with: Self.effects).secret.exposed == "e")
        #expect(reference.environmentName == "DIALVAULT_DIALER_NEW_POWER_PASSWORD")
    }

    @Test("A variable that two sources would share is an error")
    func sharedVariable() {
        let item = "kind: https, url: 'https://h/{dd}', username: u"
        let text = "vault: /v\ndialer: { sources: [{ name: a.b, \(item) }, { name: a-b, \(item) }] }"
        #expect(problems(of: text).isEmpty)
        #expect(problems(of: text, environment: ["DIALVAULT_DIALER_A_B_PASSWORD": "hunter2"]).count == 1)
    }

    @Test("A secret that is needed and not given says what to set")
    func missing() async throws {
        let failure = await #expect(throws: Failure.self) { try await password("tpslimit: 1") }
        #expect(failure?.code == .configuration)
        #expect(failure?.message == "api.password is not given")
        #expect(failure?.advice?.contains("DIALVAULT_API_PASSWORD") == true)
    }

    @Test("Two of the three ways are an error that names them")
    func twoWays() {
        #expect(
            problems(of: "vault: /v\napi:\n  username: u\n  password: hunter2\n  password_file: /p")
                == ["line 5, column 18: only one of `api.password` and `api.password_file` can be given"]
        )
        let found = problems(
            of: "vault: /v",
            environment: [
                "DIALVAULT_API_USERNAME": "u", "DIALVAULT_API_PASSWORD": "hunter2", "DIALVAULT_API_PASSWORD_FILE": "/p",
            ]
        )
        #expect(found.count == 1)
        #expect(found.allSatisfy { !$0.contains("hunter2") })
    }

    @Test(
        "A malformed value of a secret's key is not shown",
        arguments: [
            "password: [hunter2]", "password: { hunter2: x }", "password: ''", "password:", "password: \"hunter2\\nx\"",
            "password_file: hunter2", "password_file: [hunter2]", "password_command: [hunter2]", "username: [hunter2]",
            "access_token: &a hunter2", "bearer_token: [hunter2]",
        ]
    )
    func malformed(keys: String) {
        let found = problems(
            of: "vault: /v\napi:\n  username: u\n  \(keys)".replacing("username: u\n  username", with: "username")
        )
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { !$0.contains("hunter2") })
    }

    @Test(
        "A slip of the pen that makes a secret a key or a part of another value does not show it",
        arguments: [
            "vault: /v\napi: { username: u, password:\"hunter2\" }",
            "vault: /v\napi: { username: u, password hunter2 }",
            "vault: /v\napi: { username: u, hunter2 }", "vault: /v\ntimezone: UTC\n  password hunter2",
            "vault: /v\ntimezone: UTC\n  password:hunter2", "vault: /v\napi: { password:hunter2: x }",
            "vault: /v\nlookback_days: 3\n  password:hunter2\n", "vault: /v\napi: { a hunter2: x, a hunter2: x }",
        ]
    )
    func slip(text: String) {
        let found = problems(of: text)
        #expect(found.count == 1)
        #expect(found.allSatisfy { !$0.contains("hunter2") })
    }

    @Test("A malformed variable of a secret is not shown")
    func malformedVariable() {
        let environment = ["DIALVAULT_API_USERNAME": "u", "DIALVAULT_API_PASSWORD": "hunter2\nx"]
        let found = problems(of: "vault: /v", environment: environment)
        #expect(found == ["environment variable DIALVAULT_API_PASSWORD: the value must be text on one line"])
    }

    @Test("A file that others may read gives a warning")
    func openFile() async throws {
        let resolved = try await password("password_file: /open")
        #expect(resolved.secret.exposed == "from file")
        #expect(resolved.warning?.contains("others may read /open") == true)
        #expect(try await password("password_file: /p").warning == nil)
    }

    @Test(
        "What is absent, empty, too long, more than one line or no text is an error without the value",
        arguments: ["/nowhere", "/empty", "/two", "/binary", "/large"]
    )
    func unfit(path: String) async {
        let failure = await #expect(throws: Failure.self) { try await password("password_file: \(path)") }
        #expect(failure?.code == .configuration)
        #expect(failure?.message.contains(path) == true)
        #expect(failure?.message.contains("hunter2") == false)
    }

    @Test("A command that fails says so, without the command")
    func failingCommand() async {
        let failure = await #expect(throws: Failure.self) {
            try await password("password_command: echo hunter2; exit 3")
        }
        #expect(failure?.message == "The command that api.password_command names failed: it ended with exit code 3")
    }
}

@Suite("Secrets from the real world")
struct SystemSecretTests {
    private func output(_ line: String, limit: Int = 100, within time: Int = 20_000) async throws -> String {
        let command = ShellCommand(line: line, timeLimit: .milliseconds(time))
        return String(decoding: try await command.output(atMost: limit).bytes, as: UTF8.self)
    }

    @Test("A command's output is what it prints")
    func prints() async throws {
        #expect(try await output("printf 'a b'") == "a b")
    }

    @Test("A command has nothing to read")
    func standardInput() async throws {
        #expect(try await output("cat; echo end") == "end\n")
    }

    @Test("Output is cut at the limit")
    func limit() async throws {
        #expect(try await output("printf 0123456789", limit: 4) == "0123")
    }

    @Test("An exit code other than 0 or a signal is an error")
    func exitCode() async {
        let code = await #expect(throws: Failure.self) { try await output("echo x; exit 3") }
        #expect(code?.message == "it ended with exit code 3")
        let signal = await #expect(throws: Failure.self) { try await output("kill -9 $$") }
        #expect(signal?.message == "it ended with signal 9")
    }

    @Test("A command that does not end is ended")
    func timeLimit() async {
        let failure = await #expect(throws: Failure.self) {
            try await output("exec cat /dev/zero >/dev/null", within: 50)
        }
        #expect(failure?.message == "it did not end in time")
    }

    @Test(
        "Nor does one hang that prints and then waits, with what it has started",
        arguments: ["printf x; sleep 600", "printf x; cat /dev/zero >/dev/null", "sleep 600 | cat"]
    )
    func printsAndWaits(line: String) async {
        let failure = await #expect(throws: Failure.self) { try await output(line, within: 200) }
        #expect(failure?.message == "it did not end in time")
    }

    @Test("What a command leaves in the background is not waited for")
    func background() async throws {
        // It holds the pipe for longer than the command may take.
        #expect(try await output("printf secret; sleep 60 &") == "secret")
    }

    @Test("What a command says is told without what looks like a secret")
    func complaint() async throws {
        let line = """
            echo 'vault is locked, try hunter2' >&2; echo 'password: swordfish for 4711' >&2; \
            echo 'https://user:swordfish@host/ token=swordfish' >&2; echo 'see /etc/key1 and aGVsbG8gd29ybGQ' >&2; exit 5
            """
        let failure = await #expect(throws: Failure.self) { try await output(line) }
        let message = failure?.message ?? ""
        #expect(message.hasPrefix("it ended with exit code 5, and said: vault is locked, try ***"), "\(message)")
        #expect(message.contains("see /etc/key1 and ***"), "\(message)")
        #expect(["hunter2", "swordfish", "aGVsbG8"].allSatisfy { !message.contains($0) }, "\(message)")
        let command = ShellCommand(line: "echo sesame; echo I am sesame >&2", timeLimit: .seconds(20))
        #expect(try await command.output(atMost: 100).complaint == "I am ***")
    }

    @Test("A secret in the command's place is not told by the shell's complaint")
    func noSuchCommand() async {
        let failure = await #expect(throws: Failure.self) { try await output("swordfish-of-old") }
        #expect(failure?.message == "it ended with exit code 127, so there is no such command")
    }

    @Test("A FIFO is waited for as long as a command, and no longer")
    func pipe() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: Failure(.fileSystem, String(cString: strerror(ETIMEDOUT)))) {
            try FileContents.read(path, atMost: 100, timeLimit: .milliseconds(50))
        }
        let writer = Process()
        writer.executableURL = URL(filePath: "/bin/sh")
        writer.arguments = ["-c", "printf 'ab'; printf 'c\\n'"]
        // Both ways, so that opening it waits for nobody.
        let descriptor = open(path, O_RDWR)
        writer.standardOutput = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try writer.run()
        #expect(try FileContents.read(path, atMost: 4, timeLimit: .seconds(20)).bytes == Array("abc\n".utf8))
        writer.waitUntilExit()
    }

    @Test("A file is read with its mode; what is no file is an error")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let isMade = FileManager.default.createFile(
            atPath: path,
            contents: Data("secret\n".utf8),
            attributes: [.posixPermissions: 0o604]
        )
        #expect(isMade)
        let file = try SecretEffects.system.readFile(path)
        #expect(file.bytes == Array("secret\n".utf8))
        #expect(file.isOpenToOthers)
        #expect(throws: Failure(.fileSystem, "Is a directory")) { try SecretEffects.system.readFile("/") }
        #expect(throws: Failure(.notFound, "No such file or directory")) {
            try SecretEffects.system.readFile(path + ".absent")
        }
        #expect(try ConfigurationFiles.system.read(path + ".absent") == nil)
    }
}
