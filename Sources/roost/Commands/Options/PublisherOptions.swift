import ArgumentParser

/// The pipeline whose publications a command is about; its file need not be there.
struct PublisherOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The pipeline's name, or its file.", valueName: "pipeline"))
  var pipeline: String

  @OptionGroup var project: ProjectOptions

  /// Its name.
  func name() throws -> String { try project.pipelineName(pipeline) }
}
