import PipelineFiles

/// Finds the tests of a project: the YAML files of the folder `tests` beside its `roost.yaml`.
public enum TestFinder {
  public static func tests(of project: Project) -> [String] {
    let folder = Paths.join(project.folder, "tests")
    let names = (try? Files.names(in: folder)) ?? []
    return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
      .map { Paths.join(folder, $0) }
  }
}
