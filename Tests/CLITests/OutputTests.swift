import Foundation
import Recordings
import TestSupport
import Testing

/// What becomes of a command whose output cannot be written: a full disk, a closed descriptor, a reader that is gone.
@Suite struct `Output that cannot be written` {
    private let platform: RunningPlatform
    private let place: Workplace

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace(platform)
    }

    /// Runs `dialvault` through a shell, with what is behind its arguments.
    private func shell(_ command: String) throws -> Program {
        try Program(
            "bash",
            ["-c", "exec '\(Places.product("dialvault"))' \(command)"],
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "HOME": place.scratch.path]
        )
    }

    /// Runs it with a stdout that is a pipe which nobody reads any more.
    private func unread(_ arguments: [String]) throws -> Program {
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let script = """
            import os, subprocess, sys
            reading, writing = os.pipe()
            os.close(reading)
            sys.exit(subprocess.run(sys.argv[1:], stdout=writing).returncode)
            """
        return try Program(
            python,
            ["-c", script, Places.product("dialvault")] + arguments,
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "HOME": place.scratch.path]
        )
    }

    private static let queries = [
        "status", "status --json", "show 2018-04-05", "show 0ed866c1f8b44727827daaaf7e7b098c", "search",
        "search --json", "search --paths", "export", "changes", "changes --json", "schema day", "doctor",
        "doctor --json", "audit", "audit --json", "get 0ed866c1f8b44727827daaaf7e7b098c", "run --dry-run", "--help",
        "help run", "--version", "run --help",
    ]

    @Test func `ends no run, whatever the stream and the trouble`() throws {
        for (index, trouble) in [
            "> /dev/full", "> /dev/full 2>&1", "2> /dev/full", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-",
            "--json > /dev/full 2>&1", "--log-level trace --log-format json >&- 2> /dev/full",
        ].enumerated() {
            let vault = place.scratch.file("vault\(index)")
            let run = try shell("run 2018-04-05 --vault '\(vault)' \(trouble)")
            #expect(run.status == 0, "\(trouble): \(run.errors)")
            let published = try JSONDecoder().decode(
                DaySummary.self,
                from: place.bytes("\(vault)/2018/04/05/day.json")
            )
            #expect(published.totals.recordings == 24, "\(trouble)")
            // What was opened in a closed descriptor's place would have got the output.
            let check = try Program("sqlite3", ["\(vault)/.dialvault/ledger.sqlite", "PRAGMA integrity_check"])
            #expect(check.text == "ok\n", "\(trouble)")
        }
        let run = try unread(["run", "2018-04-05"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.summary().totals.recordings == 24)
    }

    @Test func `of a query on a full disk or a closed descriptor ends with 1 and a sentence`() throws {
        try place.dialvault("run", "2018-04-05")
        for query in Self.queries {
            for trouble in ["> /dev/full", ">&-"] {
                let program = try shell("\(query) \(trouble)")
                #expect(program.status == 1, "\(query) \(trouble): \(program.errors)")
                let said = program.errors
                #expect(said.contains("dialvault: The output cannot be written: "), "\(query): \(said)")
                #expect(!said.contains("Fatal error"), "\(query): \(said)")
            }
            #expect(try shell("\(query) > /dev/full 2>&1").status == 1, "\(query)")
        }
    }

    @Test func `of a query whose reader is gone ends quietly, as the query says`() throws {
        try place.dialvault("run", "2018-04-05")
        for query in Self.queries {
            let program = try unread(query.split(separator: " ").map(String.init))
            #expect(program.status == 0, "\(query): \(program.errors)")
            #expect(program.errors.isEmpty, "\(query): \(program.errors)")
        }
        let first = try shell("search | head -1; exit ${PIPESTATUS[0]}")
        #expect(first.status == 0)
        #expect(first.text.split(separator: "\n").count == 1)
    }

    @Test func `does not matter to a query on stderr`() throws {
        try place.dialvault("run", "2018-04-05")
        for query in Self.queries {
            let whole = try shell(query)
            for trouble in ["2> /dev/full", "2>&-"] {
                let program = try shell("\(query) \(trouble)")
                #expect(program.status == 0, "\(query) \(trouble)")
                #expect(query.hasPrefix("doctor") || program.output == whole.output, "\(query) \(trouble)")
            }
        }
        // Wrong usage and a wrong configuration keep their codes, though they cannot be said.
        #expect(try shell("fly 2> /dev/full").status == 64)
        #expect(try shell("status --config /nowhere.yaml 2>&-").status == 78)
    }
}
