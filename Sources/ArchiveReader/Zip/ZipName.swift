/// The names of zip entries.
enum ZipName {
    /// A name that is not said to be UTF-8, in UTF-8 and with slashes.
    ///
    /// It is in code page 437 then (APPNOTE 6.3.10, appendix D.1); but many writers write UTF-8 and do not say so, and what is
    /// UTF-8 by its bytes is hardly ever anything else.
    ///
    /// - Parameter hasSlashesOnly: whether backslashes are known to be part of names.
    static func path(_ name: [UInt8], hasSlashesOnly: Bool) -> [UInt8] {
        guard !name.allSatisfy({ $0 < 0x80 }), String(validating: name, as: UTF8.self) == nil else {
            return slashed(name, hasSlashesOnly: hasSlashesOnly)
        }
        let decoded = name.flatMap { byte in
            byte < 0x80 ? [byte] : Array(String(upperHalf[Int(byte) - 0x80]).utf8)
        }
        return slashed(decoded, hasSlashesOnly: hasSlashesOnly)
    }

    /// Slashes are the only separators that a zip may have (APPNOTE, section 4.4.17.1), but the .NET Framework wrote
    /// backslashes up to its version 4.6. As in Info-ZIP, a name that has both is left alone.
    static func slashed(_ name: [UInt8], hasSlashesOnly: Bool) -> [UInt8] {
        let (slash, backslash) = (UInt8(ascii: "/"), UInt8(ascii: "\\"))
        guard !hasSlashesOnly, name.contains(backslash), !name.contains(slash) else { return name }
        return name.map { $0 == backslash ? slash : $0 }
    }

    /// 0x80 to 0xff of code page 437 (Unicode Consortium, MAPPINGS/VENDORS/MICSFT/PC/CP437.TXT).
    private static let upperHalf = Array(
        ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
            + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}").unicodeScalars
    )
}
