import PlatformSimulator

/// The simulator's JSON, under a name of its own where both modules are in sight.
typealias SimulatedJSON = JSONValue
