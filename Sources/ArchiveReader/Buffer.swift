/// A block of memory of fixed size, freed with its owner.
struct Buffer: ~Copyable {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ count: Int) {
        bytes = .allocate(byteCount: count, alignment: 4096)
    }

    deinit { bytes.deallocate() }
}
