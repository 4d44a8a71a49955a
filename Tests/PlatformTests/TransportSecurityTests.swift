import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Platform
import Recordings
import Testing

@Suite("Certificates")
struct TransportSecurityTests {
    private func answer(caFile: String?, host: String) async throws -> Int {
        try await TLSServer.run { port in
            var options = AsyncHTTPTransport.Options()
            options.caFile = caFile
            let transport = try AsyncHTTPTransport(options)
            do {
                let url = try #require(URL(string: "https://\(host):\(port)/"))
                let response = try await transport.send(WebRequest("GET", url))
                _ = try await response.body.collect(upTo: 100)
                try await transport.shutdown()
                return response.status
            } catch {
                try await transport.shutdown()
                throw error
            }
        }
    }

    @Test("a certificate of a private authority is trusted when the authority is configured")
    func privateAuthority() async throws {
        let folder = try TemporaryFolder()
        try Data(TLSServer.authority.utf8).write(to: URL(fileURLWithPath: folder.file("ca.pem")))
        #expect(try await answer(caFile: folder.file("ca.pem"), host: "localhost") == 200)
    }

    @Test("without that it is refused, and so is it under another name")
    func refused() async throws {
        let unknown = await #expect(throws: TransportError.self) { try await answer(caFile: nil, host: "localhost") }
        #expect(unknown?.kind == .security)
        let folder = try TemporaryFolder()
        try Data(TLSServer.authority.utf8).write(to: URL(fileURLWithPath: folder.file("ca.pem")))
        let path = folder.file("ca.pem")
        let other = await #expect(throws: TransportError.self) { try await answer(caFile: path, host: "127.0.0.1") }
        #expect(other?.kind == .security)
    }

    @Test("a file that holds no certificate is a wrong configuration", arguments: ["", "not a certificate"])
    func wrongFile(contents: String) throws {
        let folder = try TemporaryFolder()
        try Data(contents.utf8).write(to: URL(fileURLWithPath: folder.file("ca.pem")))
        var options = AsyncHTTPTransport.Options()
        options.caFile = folder.file("ca.pem")
        let failure = #expect(throws: Failure.self) { _ = try AsyncHTTPTransport(options) }
        #expect(failure?.code == .configuration)
    }
}

/// A server for `localhost` that answers 200, with a certificate of an authority of its own; made with openssl(1), good
/// until 2126, and of no use to anybody.
private enum TLSServer {
    static func run<Value>(_ work: (Int) async throws -> Value) async throws -> Value {
        let certificate = try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)],
                privateKey: .privateKey(key)
            )
        )
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Greeter())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await work(server.localAddress?.port ?? 0)
            try await server.close().get()
            return value
        } catch {
            try await server.close().get()
            throw error
        }
    }

    private final class Greeter: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "0"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBnDCCAUOgAwIBAgIUOsW+t1bARshlNP7Awu7dXfTWdOkwCgYIKoZIzj0EAwIw
        IzEhMB8GA1UEAwwYRGlhbHZhdWx0IHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMjE3
        MDkyNloYDzIxMjYxMDI5MTcwOTI2WjAjMSEwHwYDVQQDDBhEaWFsdmF1bHQgdGVz
        dCBhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATKmBTOK4ot5vNF
        SoyoM1eaycTJAV23QFmPyWD+LVt82HLC3nXgVl1APci+hEefq9j/0DdZzUXQUlRE
        Sp1THc4Bo1MwUTAdBgNVHQ4EFgQUcXCEd6zjlM05W7YXhCc9QWxS3x8wHwYDVR0j
        BBgwFoAUcXCEd6zjlM05W7YXhCc9QWxS3x8wDwYDVR0TAQH/BAUwAwEB/zAKBggq
        hkjOPQQDAgNHADBEAiA36rOL77AbhFJ8AbhyOWVbseORH43wboMIYyV53sShfAIg
        X4vy+ugPje9xA4ps6TDjcswaMW58G6woZctCxho+JKU=
        -----END CERTIFICATE-----
        """

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBnjCCAUSgAwIBAgIUFIKXJ26IjxBSU/2tXR0JDzX6S9kwCgYIKoZIzj0EAwIw
        IzEhMB8GA1UEAwwYRGlhbHZhdWx0IHRlc3QgYXV0aG9yaXR5MCAXDTI2MTEyMjE3
        MDkyNloYDzIxMjYxMDI5MTcwOTI2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTAT
        BgcqhkjOPQIBBggqhkjOPQMBBwNCAARsHrFmhnYOTXD6d1AdX/L72UmnYOVidw10
        5WIx4vKMlzKsylmrkRyzjGW1HegZoF7eQsH8Zi2sYsO3uNyY6naDo2MwYTAUBgNV
        HREEDTALgglsb2NhbGhvc3QwCQYDVR0TBAIwADAdBgNVHQ4EFgQU3DkyTWMBsI5h
        mPoKe4pNrwTaRREwHwYDVR0jBBgwFoAUcXCEd6zjlM05W7YXhCc9QWxS3x8wCgYI
        KoZIzj0EAwIDSAAwRQIhAM8Oqgd1s2yOZOFY0QAybqqnyfPZNwUi5V9/yib/H8zq
        AiAdmvDe80icilRNCZvm8TV1jle6jZ7uvMBjpoGAp3gF7w==
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgL40Ev3d4HM/3Wa5g
        RLN8SaCDR+RRfNh8bsWgiN8/NEyhRANCAARsHrFmhnYOTXD6d1AdX/L72UmnYOVi
        dw105WIx4vKMlzKsylmrkRyzjGW1HegZoF7eQsH8Zi2sYsO3uNyY6naD
        -----END PRIVATE KEY-----
        """
}
