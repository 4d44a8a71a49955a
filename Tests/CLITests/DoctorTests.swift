import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `The doctor` {
    private func statuses(_ doctor: Program) throws -> [String: String] {
        let pairs = try Program("jq", ["-c", "[.check, .status]"], input: doctor.output).text.split(separator: "\n")
        let rows = try pairs.map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }

    @Test func `finds a good set-up good, in 80 columns, and leaves nothing behind`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        let doctor = try place.dialvault("doctor", "--json")
        #expect(doctor.status == 0, "\(doctor.text)\(doctor.errors)")
        let expected: Set = [
            "configuration", "time zone", "vault", "free space", "inodes", "file system", "libarchive", "libzstd",
            "zlib",
            "SQLite", "source partner", "credentials", "clock",
        ]
        #expect(Set(try statuses(doctor).keys) == expected)
        #expect(!FileManager.default.fileExists(atPath: place.vault))
        let listings = try platform.requests().filter { $0.contains("/recordings") }
        #expect(listings.count == 1, "one cheap request: \(listings)")

        try place.dialvault("run", "2018-04-05")
        let before = try Program("find", [place.vault], in: place.scratch.path).text
        let text = try place.dialvault("doctor").text
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 || !$0.contains(" ok ") }, "\(text)")
        #expect(try Program("find", [place.vault], in: place.scratch.path).text == before)
        let zlib = try Program("sh", ["-c", "pkg-config --modversion zlib"]).text
        #expect(text.contains("zlib              \(zlib)"), "\(text)")
    }

    @Test func `says 77 for refused credentials, and shows no secret`() throws {
        let place = try Workplace(try RunningPlatform(), password: "s3cret-and-wrong")
        let doctor = try place.dialvault("doctor", "--log-level", "trace")
        #expect(doctor.status == 77, "\(doctor.text)")
        #expect(doctor.text.contains("error    credentials"))
        #expect(!(doctor.text + doctor.errors).contains("s3cret"))
    }

    @Test func `says 75 for a platform that nobody answers for, and looks at everything else`() throws {
        let place = try Workplace()
        try place.configure(url: "http://127.0.0.1:9")
        let doctor = try place.dialvault("doctor", "--json")
        #expect(doctor.status == 75, "\(doctor.text)")
        #expect(try statuses(doctor)["credentials"] == "error")
        #expect(try statuses(doctor)["file system"] == "ok")
    }

    @Test func `says 78 for a wrong configuration`() throws {
        let place = try Workplace()
        try place.scratch.write("vault: \(place.vault)\ntimezone: Europe/Berln\n", to: "dialvault.yaml")
        let doctor = try place.dialvault("doctor")
        #expect(doctor.status == 78, "\(doctor.text)")
        #expect(doctor.text.hasPrefix("error    configuration"))
    }

    @Test func `says 75 for a drop directory that is not there`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace()
        try place.configure(
            url: platform.url,
            sources: """
                    - name: partner
                      kind: directory
                      path: \(place.scratch.file("nowhere"))
                      pattern: "{yyyy}{MM}{dd}.tar"
                """
        )
        let doctor = try place.dialvault("doctor", "--json")
        #expect(doctor.status == 75, "\(doctor.text)")
        #expect(try statuses(doctor)["source partner"] == "error")
        #expect(try statuses(doctor)["credentials"] == "ok")
    }

    @Test(arguments: [(-93, "warning", Int32(0)), (3600, "error", Int32(1))])
    func `compares the clock with the platform's`(offset: Int, status: String, code: Int32) throws {
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let place = try Workplace()
        // A platform of a few lines, whose clock is wrong by so many seconds.
        let server = """
            import http.server, sys, time
            from email.utils import formatdate
            class Platform(http.server.BaseHTTPRequestHandler):
                def date_time_string(self, timestamp=None): return formatdate(time.time() + \(offset), usegmt=True)
                def log_message(self, *arguments): pass
                def do_GET(self):
                    body = b'{"items": [], "pagination": {"total": 0}}'
                    self.send_response(200)
                    self.send_header('Content-Type', 'application/json')
                    self.send_header('Content-Length', str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
            server = http.server.HTTPServer(('127.0.0.1', 0), Platform)
            print(server.server_port, flush=True)
            server.serve_forever()
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", server]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer {
            // Not SIGTERM, which a thread that starts processes can hold back from them.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).prefix { $0.isNumber }
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: UTC
            api:
              base_url: http://127.0.0.1:\(port)
              bearer_token: not-a-secret
            """,
            to: "dialvault.yaml"
        )
        let doctor = try place.dialvault("doctor", "--json")
        #expect(try statuses(doctor)["clock"] == status, "\(doctor.text)")
        #expect(doctor.status == code)
        let detail = try Program("jq", ["-r", "select(.check == \"clock\").detail"], input: doctor.output).text
        #expect(detail.contains(offset < 0 ? "ahead of" : "behind"))
    }
}
