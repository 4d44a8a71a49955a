/// An answer with another status than those of a file.
package struct FileRefusal: Hashable, Sendable {
    package let status: Int
    /// The host that answered, which after a redirect is another than was asked.
    package let host: String
    /// Whether it is the party that gets the credentials.
    package let isFromAuthority: Bool
    /// The error's code, where the answer is in the form of S3: `AccessDenied`, `RequestTimeTooSkewed`.
    package let storageCode: String?

    init(_ reply: Exchange.Reply) async {
        status = reply.response.status
        host = WebOrigin(reply.url)?.host ?? ""
        isFromAuthority = reply.isFromAuthority
        var response = reply.response
        if status >= 400, response.headers.mediaType?.hasSuffix("xml") == true {
            storageCode = Self.code(in: (try? await response.body.collect(upTo: 65_536)) ?? [])
        } else {
            storageCode = nil
            await response.discardBody()
        }
    }

    /// The text of the first `Code` element (Amazon S3 API Reference, "Error responses"); letters only.
    private static func code(in body: [UInt8]) -> String? {
        let text = String(decoding: body, as: UTF8.self)
        guard let start = text.firstRange(of: "<Code>") else { return nil }
        let code = text[start.upperBound...].prefix { $0.isASCII && $0.isLetter }.prefix(64)
        return code.isEmpty ? nil : String(code)
    }
}
