import Foundation

/// Where an answer sends us, and whether we go there (RFC 9110, section 15.4).
enum Redirect: Equatable {
    /// The answer is none.
    case none
    case follow(URL)
    /// We do not go: the reason, for people.
    case refused(String)

    /// A chain longer than this is taken for a circle.
    static let limit = 5

    /// - Parameters:
    ///   - hops: redirects that were followed before this one.
    ///   - named: the hosts that the configuration names.
    init(status: Int, location: String?, from request: WebRequest, hops: Int, named: NamedHosts) {
        guard [301, 302, 303, 307, 308].contains(status) else {
            self = .none
            return
        }
        guard let location, let target = URL(string: location, relativeTo: request.url)?.absoluteURL,
            let destination = WebOrigin(target)
        else {
            self = .refused("it redirects to nowhere")
            return
        }
        if hops >= Self.limit {
            self = .refused("it redirects more than \(Self.limit) times")
        } else if let origin = WebOrigin(request.url), origin.isEncrypted, !destination.isEncrypted {
            self = .refused("it redirects from https to http on \(destination.host)")
        } else if request.method != "GET", request.method != "HEAD", status != 303 {
            self = .refused("it redirects a \(request.method) request")
        } else if !named.admits(target) {
            self = .refused(
                "it redirects to \(destination.host), an address of this machine or a private network that the "
                    + "configuration does not name"
            )
        } else {
            self = .follow(target)
        }
    }
}
