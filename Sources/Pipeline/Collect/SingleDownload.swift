import Platform
import Recordings
import Vault

/// Fetches audio one file at a time.
struct SingleDownload: Sendable {
    let client: PlatformClient
    let vault: Vault
    let day: Day
    /// Bytes; a larger file is `unavailable`.
    let limit: Int64

    enum Delivery {
        case audio(IncomingAudio.Received)
        /// Why there is none, for people.
        case nothing(String)
        /// It could not be fetched this time; others may be.
        case trouble(FileTrouble)
    }

    /// Fetches the audio, and once more when it is not what was declared: then what came is what there is.
    func fetch(_ item: ListedRecording) async throws -> Delivery {
        for isLastTry in [false, true] {
            let incoming = try IncomingAudio(vault, day, item.id)
            let outcome = try await client.audio(of: item, resuming: incoming.resumption, limit: limit) {
                try incoming.take($0)
            }
            switch outcome {
            case .gone(let status):
                try incoming.discard()
                return .nothing("the platform lists it and answers \(status) for its audio")
            case .refused(let status):
                try incoming.discard()
                return .nothing("the platform lists it and refuses its audio with \(status)")
            case .unavailable(let detail):
                return .nothing(detail)
            case .troubled(let trouble):
                return .trouble(trouble)
            case .received(let head, _):
                let received = try incoming.finish()
                let isDeclaredSize = item.file?.size.map { $0 == received.sizeBytes } ?? true
                let isPage = received.findings.audio == nil && head.claimsText
                if !isLastTry, isPage || !isDeclaredSize { continue }
                if isPage {
                    return .nothing(
                        "the platform sends \(received.findings.recognisedAs ?? "a text") in place of audio"
                    )
                }
                return .audio(received)
            }
        }
        return .nothing("not fetched")
    }
}
