package import Foundation
package import Recordings

import struct Crypto.SHA256

extension Digest {
    /// The SHA-256 digest of `data`.
    package init(of data: Data) {
        self.init(bytes: SHA256.hash(data: data))
    }
}
