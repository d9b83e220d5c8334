import ArgumentParser
import PipelineFiles
import Runs

/// Which stages of a run are made.
struct SelectionOptions: ParsableArguments {
  @Flag(help: "Go on with the latest run for the as-of, with the stages that it finished.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "Make only these stages; name+ with all that follow, +name with all that come before.",
      valueName: "stage"))
  var only: [String] = []

  @Option(help: ArgumentHelp("Make this stage and all that follow.", valueName: "stage"))
  var from: [String] = []

  @Option(help: ArgumentHelp("Make this stage and all that come before.", valueName: "stage"))
  var to: [String] = []

  func apply(to request: inout RunRequest) throws {
    request.resumes = resume
    request.selection = try stages(of: request.planned.pipeline)
  }

  /// The stages that are made; nil for all.
  func stages(of pipeline: Pipeline) throws -> StageSelection? {
    try StageSelection(only: only, from: from, to: to, resumes: resume, in: pipeline)
  }
}
