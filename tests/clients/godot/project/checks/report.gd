extends RefCounted
## Collects what a check program finds, prints it as one line that the test reads, and ends the program.

var failures: PackedStringArray = []
var measured := {}
var passed := 0


## Counts a fact, or keeps [param what] as a failure.
func expect(is_so: bool, what: String) -> void:
	if is_so:
		passed += 1
	else:
		failures.append(what)


## Two numbers within [param tolerance].
func near(found: float, wanted: float, tolerance: float, what: String) -> void:
	expect(absf(found - wanted) <= tolerance, "%s: %s instead of %s" % [what, found, wanted])


## Two values that compare equal.
func same(found: Variant, wanted: Variant, what: String) -> void:
	expect(found == wanted, "%s: %s instead of %s" % [what, found, wanted])


## Prints the report and ends the program.
func finish(tree: SceneTree) -> void:
	var report := {passed = passed, failures = failures, measured = measured}
	print("REPORT ", JSON.stringify(report))
	tree.quit(1 if failures else 0)
