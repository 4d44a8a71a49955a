/// Named places at which a test can end the process or make a system call fail.
///
/// They exist only in builds with `FAILPOINTS`, which `Package.swift` defines for debug builds of this target. In a
/// release build every function here is empty and inlined, so that neither the places nor their names are in the program;
/// `scripts/failpoints-check` looks. They are public because the compiler inlines nothing that is `package` into other modules.
public enum Failpoint {
    /// Sets what happens where: see ``FailpointPlan``.
    ///
    /// - Parameters:
    ///   - plan: the environment's word; not even asked for in a release build.
    ///   - killsParent: whether this process is a part of its parent, which is then killed with it.
    @inlinable
    @inline(__always)
    public static func arm(_ plan: @autoclosure () -> String?, killsParent: @autoclosure () -> Bool) {
        #if FAILPOINTS
            FailpointPlan.arm(plan(), killsParent: killsParent())
        #endif
    }

    /// A step that is done, or about to be done, as the name says.
    @inlinable
    @inline(__always)
    public static func reach(_ name: StaticString) {
        #if FAILPOINTS
            FailpointPlan.strike(name)
        #endif
    }

    /// Whether the system call that follows is to be taken for failed; then `errno` is set.
    @inlinable
    @inline(__always)
    public static func fails(_ name: StaticString) -> Bool {
        #if FAILPOINTS
            return FailpointPlan.strike(name)
        #else
            return false
        #endif
    }
}
