import Foundation
import Recordings
import TestSupport
import Testing

/// Names from outside that would move a terminal's cursor, hide text, turn its direction or forge a line.
@Suite struct `A hostile name` {
    private static let controls = [
        "\u{1B}[2J", "\u{9B}31m", "\u{7F}", "\u{202E}3pm", "\u{2066}", "\nforged: line", "\r", "\u{7}",
    ]

    private let place: Workplace

    init() throws {
        place = try Workplace()
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: Europe/Berlin
            api: { enabled: false }
            retention: { dialer_days: 36500 }
            dialer:
              sources:
                - { name: outbound, kind: directory, path: ./drop, pattern: "export-{yyyy}-{MM}-{dd}*" }
            """,
            to: "dialvault.yaml"
        )
        // One member a name, all of them text, which is no recording.
        for (index, control) in Self.controls.enumerated() {
            try place.scratch.write("text\n", to: "members/name\(index)\(control).txt")
        }
        let folder = place.scratch.file("drop")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let archive = "\(folder)/export-2018-04-05\u{1B}[31m.tar"
        try Program("tar", ["-C", place.scratch.file("members"), "-cf", archive, "."])
        try place.scratch.write("no archive at all", to: "drop/export-2018-04-05\nforged: archive\u{9B}.tar")
    }

    /// What a terminal would act on, but for the newlines that end lines.
    private func dangers(_ text: String) -> [String] {
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("forged:") }.map(String.init)
        let characters = text.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0x0A: false
            case 0..<0x20, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
        return lines + characters.map { String($0.value, radix: 16) }
    }

    @Test func `is shown escaped by every command, on one line`() throws {
        for level in ["notice", "trace"] {
            let run = try place.dialvault("run", "2018-04-05", "--log-level", level)
            #expect(run.status == 3, "\(run.errors)")
            #expect(dangers(run.text) == [], "\(run.text)")
            #expect(dangers(run.errors) == [], "\(run.errors)")
        }
        let show = try place.dialvault("show", "2018-04-05")
        #expect(dangers(show.text) == [], "\(show.text)")
        for index in Self.controls.indices { #expect(show.text.contains("name\(index)\\"), "\(index): \(show.text)") }
        for query in [
            ["status"], ["status", "--json"], ["search"], ["changes"], ["show", "2018-04-05", "--json"], ["audit"],
            ["run", "2018-04-05", "--json", "--log-format", "json", "--log-level", "trace"],
            ["probe"] + Self.controls.indices.map { place.scratch.file("members/name\($0)\(Self.controls[$0]).txt") },
            ["get", "\u{1B}[2J"], ["show", "\u{9B}2J\nforged: id"], ["\u{1B}[31mfly"], ["run", "2018\u{1B}[2J"],
            ["status", "--config", "/nowhere\u{1B}[2J/\u{202E}.yaml"], ["init", "/nowhere\u{1B}[2J/x"],
        ] {
            let program = try Program(
                Places.product("dialvault"),
                query,
                in: place.scratch.path,
                environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml"), "HOME": place.scratch.path]
            )
            #expect(dangers(program.text) == [], "\(query): \(program.text)")
            #expect(dangers(program.errors) == [], "\(query): \(program.errors)")
        }
    }

    @Test func `is itself in what other programs read`() throws {
        try place.dialvault("run", "2018-04-05")
        let json = try place.dialvault("show", "2018-04-05", "--json")
        let day = try JSONDecoder().decode(DaySummary.self, from: json.output)
        #expect(day == (try place.summary()))
        #expect(day.sources.flatMap(\.archives).contains { $0.name.contains("\u{1B}") || $0.name.contains("\u{9B}") })
    }
}
