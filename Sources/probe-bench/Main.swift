import AudioProbe
import Foundation
import Recordings

/// Measures the probe alone: `probe-bench rate FILE…` in memory, `probe-bench files FILE…` from the disk,
/// `probe-bench facts FILE…` prints what was found, one JSON object a line.
@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let files = Array(arguments.dropFirst())
        switch arguments.first {
        case "rate": try rate(of: files)
        case "files": try probe(files: files) { _, _ in }
        case "facts": try printFacts(of: files)
        default:
            try? FileHandle.standardError.write(contentsOf: Data("usage: probe-bench rate|files|facts FILE…\n".utf8))
            exit(64)
        }
    }

    /// Bytes a second over content that lies in memory, in chunks as the pipeline hands them over.
    private static func rate(of files: [String]) throws {
        for file in files {
            let content = try Data(contentsOf: URL(fileURLWithPath: file))
            var best = Double.infinity
            var verdict = Verdict.rejected
            for _ in 0..<7 {
                let clock = ContinuousClock()
                let time = clock.measure { verdict = probe(content, chunkSize: 256 * 1024).verdict }
                best = min(best, Double(time.components.attoseconds) / 1e18 + Double(time.components.seconds))
            }
            let name = URL(fileURLWithPath: file).lastPathComponent
            let gigabytes = Double(content.count) / best / 1e9
            print("\(name)\t\(content.count) bytes\t\(verdict.rawValue)\t\(String(format: "%.2f", gigabytes)) GB/s")
        }
    }

    private static func probe(_ content: Data, chunkSize: Int) -> AudioFindings {
        var probe = AudioProbe()
        content.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: chunkSize) {
                let end = min(start + chunkSize, bytes.count)
                probe.consume(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            }
        }
        return probe.finish()
    }

    private static func probe(files: [String], _ use: (String, AudioFindings) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 64)
        defer { buffer.deallocate() }
        for file in files {
            guard let stream = fopen(file, "rb") else { throw CocoaError(.fileNoSuchFile) }
            defer { fclose(stream) }
            setvbuf(stream, nil, _IONBF, 0)
            var probe = AudioProbe()
            while true {
                let count = fread(buffer.baseAddress, 1, buffer.count, stream)
                guard count > 0 else { break }
                probe.consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            try use(file, probe.finish())
        }
    }

    private static func printFacts(of files: [String]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try probe(files: files) { file, findings in
            let json = String(decoding: try encoder.encode(findings), as: UTF8.self)
            print("\(file)\t\(findings.verdict.rawValue)\t\(json)")
        }
    }
}
