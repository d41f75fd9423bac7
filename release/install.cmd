@echo off
rem Installs SPMC Notebook for the user who runs it: no network, no administrator. Options: install.cmd --help
setlocal
set "HERE=%~dp0"
if exist "%HERE%python\python.exe" (
    "%HERE%python\python.exe" -B "%HERE%install.py" %*
    goto end
)
where py >nul 2>nul && (
    py -3 -B "%HERE%install.py" %*
    goto end
)
where python >nul 2>nul && (
    python -B "%HERE%install.py" %*
    goto end
)
echo No Python was found. Unpack the embeddable Python 3.13 of python.org into "%HERE%python", then run this again.
exit /b 1
:end
set CODE=%ERRORLEVEL%
if "%1"=="" pause
exit /b %CODE%
