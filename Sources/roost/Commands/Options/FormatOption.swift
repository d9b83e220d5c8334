import ArgumentParser

/// How a command prints what it was asked.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// How what was found is printed.
struct FormatOption: ParsableArguments {
  @Option(help: "text or json.")
  var format = OutputFormat.text
}

/// How what happens in a run is printed.
struct EventFormatOption: ParsableArguments {
  @Option(help: "text, for people; or json: each event as a line on stdout, as roost logs has it.")
  var format = OutputFormat.text
}
