import ArgumentParser
import AsyncHTTPClient
import CLibArchive
import CZlib
import Crypto
import GRDB
import Hummingbird
import Yams

@main struct Dialvault: ParsableCommand {}
