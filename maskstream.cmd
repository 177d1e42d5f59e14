@echo off
rem Starts Maskstream on Windows, as the shell script beside this file does elsewhere.
setlocal
set "HERE=%~dp0"
set "JAVA="
for %%j in (java.exe) do set "JAVA=%%~$PATH:j"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java.exe"
if not exist "%JAVA%" (
  echo maskstream: Java 17 or newer is needed; none was found in JAVA_HOME or on PATH 1>&2
  exit /b 1
)

if not exist "%HERE%src\" goto release
set "HOME_DIR=%HERE%."
set "PROGRAM=%HERE%target"
powershell -NoProfile -Command "$jar = Get-Item -ErrorAction SilentlyContinue '%PROGRAM%\maskstream.jar'; if (-not $jar -or -not (Test-Path '%PROGRAM%\lib')) { exit 1 }; if (Get-ChildItem -Recurse -File '%HERE%src\main', '%HERE%pom.xml' | Where-Object LastWriteTime -gt $jar.LastWriteTime) { exit 1 }"
if not errorlevel 1 goto start
echo maskstream: building (takes some minutes on a new machine) ... 1>&2
call "%HERE%mvnw.cmd" -f "%HERE%pom.xml" --quiet --batch-mode -Dmaven.test.skip=true -Dspotless.check.skip=true package 1>&2 || exit /b 1
goto start

:release
for %%d in ("%HERE%..") do set "HOME_DIR=%%~fd"
set "PROGRAM=%HOME_DIR%"

:start
rem A demo is over before Java's second compiler pays for the processor time that it takes from the model.
set "COMPILER="
if "%~1"=="demo" set "COMPILER=-XX:TieredStopAtLevel=1"
"%JAVA%" "@%HERE%maskstream.options" %COMPILER% "-Dmaskstream.home=%HOME_DIR%" %MASKSTREAM_JAVA_OPTS% -cp "%PROGRAM%\maskstream.jar;%PROGRAM%\lib\*;%PROGRAM%\lib-training\*" io.maskstream.app.Maskstream %*
