import ArgumentParser
import Foundation
import Inspection
import PipelineFiles

/// Where runs keep what later runs use.
struct StateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder for what is kept from run to run; ROOST_STATE_DIR, or else ~/.local/state/roost, when left out.",
      valueName: "folder"))
  var stateDir: String?

  func folder(of checked: CheckedPipeline, verifies: Bool = false) -> StateFolder? {
    checked.stateFolder(
      stateDir, environment: ProcessInfo.processInfo.environment, verifies: verifies)
  }
}
