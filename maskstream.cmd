@echo off
rem Starts Maskstream on Windows; builds it first where that has not been done.
setlocal
set "HOME_DIR=%~dp0"
if not exist "%HOME_DIR%target\maskstream.jar" (
  echo maskstream: building, this happens once 1>&2
  call "%HOME_DIR%mvnw.cmd" -f "%HOME_DIR%pom.xml" --quiet --batch-mode -DskipTests package 1>&2 || exit /b 1
)
set "CP=%HOME_DIR%target\maskstream.jar;%HOME_DIR%target\lib\*"
if "%~1"=="train" set "CP=%CP%;%HOME_DIR%target\lib-training\*"
if "%~1"=="export" set "CP=%CP%;%HOME_DIR%target\lib-training\*"
if "%~1"=="compare" set "CP=%CP%;%HOME_DIR%target\lib-training\*"
java "-Dmaskstream.home=%HOME_DIR%." -Djava.awt.headless=true -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 %MASKSTREAM_JAVA_OPTS% -cp "%CP%" io.maskstream.app.Maskstream %*
