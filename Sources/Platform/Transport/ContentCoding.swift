import Foundation

/// `Content-Encoding` (RFC 9110, section 8.4): what a server does to an answer's bytes on their way. None is asked for,
/// and a server that codes all the same is undone here, or refused by name: coded bytes are nobody's archive, audio or
/// JSON.
enum ContentCoding {
    /// What is sent as `Accept-Encoding`.
    static let accepted = "identity"

    /// The codings that the answer names, without those that change nothing.
    static func named(in headers: HeaderFields) -> [String] {
        headers.all("content-encoding").flatMap { $0.split(separator: ",") }
            .map { $0.trimmingSpaces.lowercased() }
            .filter { !$0.isEmpty && $0 != "identity" }
    }

    /// The answer with its bytes as they were before they were coded.
    ///
    /// - Throws: ``TransportError`` of kind `malformed` for a coding that is not known, where the body matters.
    static func undo(_ response: WebResponse, to request: WebRequest) throws -> WebResponse {
        let codings = named(in: response.headers)
        // A part of a coded file is nothing that could be decoded; whoever asked for it sees the field.
        guard !codings.isEmpty, request.method != "HEAD", ![204, 205, 206, 304].contains(response.status) else {
            return response
        }
        guard codings.count == 1, let coding = codings.first, ["gzip", "x-gzip", "deflate"].contains(coding) else {
            if response.status != 200 { return response }
            throw TransportError(
                .malformed,
                "the answer is coded as \(codings.joined(separator: ", ")), which was not asked for"
            )
        }
        var plain = response
        for name in ["Content-Encoding", "Content-Length", "Repr-Digest", "Digest", "Content-Digest", "Content-MD5"] {
            // They describe the coded bytes.
            plain.headers[name] = nil
        }
        plain.isDecoded = true
        let body = response.body
        let isCompressedFile = coding != "deflate" && hasCompressedName(request.url)
        plain.body = WebBody {
            let decoder = ContentDecoder(isCompressedFile: isCompressedFile)
            var pieces = body.makeAsyncIterator()
            return WebBody.AsyncIterator {
                while true {
                    if let bytes = try decoder.next() { return bytes }
                    guard let piece = try await pieces.next() else { return try decoder.finish() }
                    decoder.take(piece)
                }
            }
        }
        return plain
    }

    /// Whether a file of that name is compressed itself: then some servers name the file's own compression as the coding.
    private static func hasCompressedName(_ url: URL) -> Bool {
        let name = url.lastPathComponent.lowercased()
        return [".gz", ".tgz", ".taz"].contains { name.hasSuffix($0) }
    }
}

/// Undoes gzip and deflate, piece by piece. For one reader.
private final class ContentDecoder {
    private enum Mode {
        /// Bytes are held until it shows whether the coding is the file's own compression.
        case undecided
        case decoding
        case passing
    }

    private let inflater = Inflater()
    private var mode: Mode
    private var held: [[UInt8]] = []
    private var opening: [UInt8] = []

    init(isCompressedFile: Bool) {
        mode = isCompressedFile ? .undecided : .decoding
    }

    func take(_ piece: [UInt8]) {
        if mode != .decoding { held.append(piece) }
        if mode != .passing { inflater.take(piece) }
    }

    /// The next bytes; nil when more have to come in first.
    func next() throws -> [UInt8]? {
        switch mode {
        case .decoding: return try inflater.next()
        case .passing: return held.isEmpty ? nil : held.removeFirst()
        case .undecided:
            while opening.count < 2 {
                guard let bytes = try? inflater.next() else {
                    guard inflater.hasFailed || inflater.isAtEnd else { return nil }
                    break
                }
                opening += bytes
            }
            // What is still compressed after one coding is undone was coded on its way; anything else is the file's own
            // content, and the file is what its name says.
            guard opening.starts(with: [0x1f, 0x8b]) else {
                mode = .passing
                return try next()
            }
            mode = .decoding
            held = []
            return opening
        }
    }

    /// Ends the body.
    func finish() throws -> [UInt8]? {
        if mode == .undecided { mode = .passing }
        if mode == .passing { return held.isEmpty ? nil : held.removeFirst() }
        guard inflater.isAtEnd else { throw TransportError(.cut, "the coded answer broke off") }
        return nil
    }
}
