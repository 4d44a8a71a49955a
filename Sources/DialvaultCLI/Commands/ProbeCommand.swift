import ArgumentParser
import AudioProbe
import Foundation
import Logging
import Recordings
import Vault

import struct Crypto.SHA256

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "What the verify stage says of any file.",
        discussion: "Exits 0 when all files are verified, 5 otherwise."
    )

    @Argument(help: ArgumentHelp("The files.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("Compare with this length.", valueName: "ms"))
    var declaredDurationMs: Int64?

    @Option(help: ArgumentHelp("Compare with this size.", valueName: "bytes"))
    var declaredSize: Int64?

    @Flag(help: "Print one JSON object a file.")
    var json = false

    func run() throws {
        let console = Console(logLevel: .notice, logFormat: .text, showsProgress: false)
        var rows: [[String]] = []
        var isAllVerified = true
        for file in files {
            try console.requireReader()
            let probed = try ProbedFile(file, durationMs: declaredDurationMs, sizeBytes: declaredSize)
            isAllVerified = isAllVerified && probed.verdict == .verified
            if json {
                try console.print(json: probed)
            } else {
                rows.append(probed.cells)
                rows += probed.defects.map { ["", "", "", "", "\($0.code.rawValue): \($0.detail)"] }
            }
        }
        if !json {
            let header = ["verdict", "format", "length", "bytes", "file"]
            console.print(TextTable(header: header, rows: rows, leftColumns: 5).text)
        }
        if !isAllVerified { throw ExitCode.mismatch }
    }
}

/// A file and what was found in it, with the manifest's keys.
private struct ProbedFile: Encodable {
    let file: String
    let verdict: Verdict
    let audio: AudioFacts?
    let recognisedAs: String?
    let declared: Recording.Declared?
    let defects: [Defect]
    let sizeBytes: Int64
    let sha256: Digest

    private enum CodingKeys: String, CodingKey {
        case file, verdict, audio, declared, defects
        case recognisedAs = "recognised_as"
        case sizeBytes = "size_bytes"
        case sha256
    }

    init(_ path: String, durationMs: Int64?, sizeBytes declaredSize: Int64?) throws {
        let input = try OpenFile(path, flags: O_RDONLY)
        var probe = AudioProbe()
        var hash = SHA256()
        var size: Int64 = 0
        while case let chunk = try input.read(upTo: 1 << 20), !chunk.isEmpty {
            chunk.withUnsafeBytes { bytes in
                probe.consume(bytes)
                hash.update(bufferPointer: bytes)
            }
            size += Int64(chunk.count)
        }
        let findings = probe.finish()
        let declaration = Declaration(contentType: nil, duration: durationMs, sizeBytes: declaredSize)
        let (declared, mismatches) = declaration.compared(with: findings, sizeBytes: size)
        file = path
        audio = findings.audio
        recognisedAs = findings.recognisedAs
        self.declared = declared
        defects = findings.defects + mismatches
        verdict = findings.audio == nil ? .rejected : defects.isEmpty ? .verified : .degraded
        sizeBytes = size
        sha256 = Digest(bytes: hash.finalize())
    }

    /// Verdict, format, length, size and name for a table.
    var cells: [String] {
        let format = audio.map { facts in
            [facts.codec, facts.sampleRateHz.map { "\($0) Hz" }, facts.channels.map { "\($0) ch" }]
                .compactMap(\.self).joined(separator: ", ")
        }
        let length = audio?.durationMs.map { String(format: "%.3f s", Double($0) / 1000) }
        let name = TerminalText.line(file)
        return [verdict.rawValue, format ?? recognisedAs ?? "unknown", length ?? "-", "\(sizeBytes)", name]
    }
}
