import struct Crypto.SHA256
package import Foundation
package import Recordings

extension Digest {
    /// The SHA-256 digest of `data`.
    package init(of data: Data) {
        self.init(bytes: SHA256.hash(data: data))
    }
}
