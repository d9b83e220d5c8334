import Glibc
import Threads

/// How libraries are to use the machine.
enum LibrarySettings {
  /// What libgomp reads from the environment when it is loaded, which is with the first use of XGBoost:
  /// its threads must sleep while they wait, or they burn the cores that Postgres needs; but most waits
  /// between two steps of training are too short for it.
  private static let environment = [("OMP_WAIT_POLICY", "PASSIVE"), ("GOMP_SPINCOUNT", "30000")]

  /// To be called before there are other threads. What the operator has set stays.
  static func apply() {
    for (name, value) in environment { setenv(name, value, 0) }
    LargeBlocks.letGoWhenFreed()
  }
}
