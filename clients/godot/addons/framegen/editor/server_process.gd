@tool
extends RefCounted
## Starts a framegen server of this machine's Python, and hands over what it prints.
##
## It ends with the editor, even with one that crashed: the pipe that is its input is closed then.

## A line that the server printed.
signal printed(line: String)
## The server ended by itself.
signal ended

const Settings := preload("../settings.gd")
const HAS_FRAMEGEN := "import sys, importlib.util as u; s = u.find_spec('framegen'); sys.exit(not (s and s.origin))"
# Runs the module after this; files that the editor had open are none of its business, above all the pipe's other end.
const SERVE := (
	"import os, runpy, signal, sys, threading, time\n"
	+ "def end():\n"
	+ "    sys.stdin.buffer.read()\n"
	+ "    os.kill(os.getpid(), signal.SIGTERM)\n"
	+ "    time.sleep(5)\n"
	+ "    os._exit(1)\n"
	+ "if os.name == 'posix': os.closerange(3, 1024)\n"
	+ "threading.Thread(target=end, daemon=True).start()\n"
	+ "runpy.run_module('framegen', run_name='__main__', alter_sys=True)\n"
)
const MISSING := (
	"No Python with framegen was found. Install it (pip install . in a clone of it) and name its Python in the project"
	+ " settings under addons/framegen/python."
)

# It is to run: cleared before whatever the thread is about to start.
var _is_wanted := false
var _pid := -1
var _thread: Thread


## Whether it runs, or is being looked for.
func is_running() -> bool:
	return _thread != null and _thread.is_alive()


## Looks for Python and starts the server; what happens is printed.
func start(address: String, token: String) -> void:
	stop()
	_is_wanted = true
	_thread = Thread.new()
	_thread.start(_run.bind(address, token))


## Ends the server.
func stop() -> void:
	_is_wanted = false
	_kill()
	if _thread != null and _thread.is_started():
		_thread.wait_to_finish()
	_pid = -1


## Pythons that may have framegen, the likeliest first.
static func candidates() -> PackedStringArray:
	var program := "Scripts/python.exe" if OS.get_name() == "Windows" else "bin/python"
	var found := PackedStringArray()
	for folder: String in [
		OS.get_environment("VIRTUAL_ENV"),
		ProjectSettings.globalize_path("res://.venv"),
		ProjectSettings.globalize_path("res://venv"),
		ProjectSettings.globalize_path("res://../.venv"),
		ProjectSettings.globalize_path("res://../../.venv"),
	]:
		if folder != "" and FileAccess.file_exists(folder.path_join(program)):
			found.append(folder.path_join(program))
	found.append_array(["python3", "python", "py"])
	var named: String = Settings.value("python")
	return PackedStringArray([named]) if named != "" else found


func _run(address: String, token: String) -> void:
	for python in candidates():
		if OS.execute(python, ["-c", HAS_FRAMEGEN]) == 0:
			_serve(python, address, token)
			_end.call_deferred()
			return
	_print.call_deferred(MISSING)
	_end.call_deferred()


func _serve(python: String, address: String, token: String) -> void:
	if not _is_wanted:
		return
	var arguments := PackedStringArray(["serve"])
	if token == "":
		arguments.append_array(["--bind", address])
	else:
		arguments.append_array(["--bind-plain", address, "--token", token])
	var said := " ".join(arguments)
	_print.call_deferred("%s -m framegen %s" % [python, said.replace(token, "…") if token else said])
	# Unbuffered, so that lines come as they are printed.
	var process := OS.execute_with_pipe(python, PackedStringArray(["-u", "-c", SERVE]) + arguments)
	if process.is_empty():
		_print.call_deferred("It could not be started.")
		return
	_pid = process.pid
	if not _is_wanted:
		_kill()
	var errors: FileAccess = process.stderr
	var reader := Thread.new()
	reader.start(_read.bind(errors))
	_read(process.stdio as FileAccess)
	reader.wait_to_finish()


func _kill() -> void:
	if _pid > 0 and OS.is_process_running(_pid):
		OS.kill(_pid)


func _read(pipe: FileAccess) -> void:
	while pipe.is_open() and pipe.get_error() == OK:
		var line := pipe.get_line()
		if line == "" and pipe.get_error() != OK:
			return
		if line != "":
			_print.call_deferred(line)


func _print(line: String) -> void:
	printed.emit(line)


func _end() -> void:
	ended.emit()
