package io.capataz.common.environment;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Names of environment variables: which are valid, and which make programs load code. The
 * supervisor refuses tasks with the latter, and the agent jobs, whatever its supervisor says.
 */
public final class VariableNames {

  /** The pattern of a valid name. Shells understand no other names, and some interpret them. */
  public static final String PATTERN = "[A-Za-z_][A-Za-z0-9_]*";

  private static final Pattern NAME = Pattern.compile(PATTERN);

  /** Documented in docs/host-policy.md. */
  private static final Pattern LOADS_CODE =
      Pattern.compile(
          String.join(
              "|",
              List.of(
                  "LD_.*|DYLD_.*|GLIBC_TUNABLES|GCONV_PATH|MALLOC_.*|LOCPATH|NLSPATH",
                  "BASH_ENV|ENV|IFS|CDPATH|PS4|PROMPT_COMMAND|SHELLOPTS|BASHOPTS",
                  "BASH_FUNC_.*|BASH_LOADABLES_PATH|ZDOTDIR|FPATH|AWKPATH|AWKLIBPATH",
                  "PYTHONPATH|PYTHONHOME|PYTHONSTARTUP|PYTHONUSERBASE|PYTHONPLATLIBDIR",
                  "PYTHONINSPECT|PYTHONWARNINGS|PYTHONBREAKPOINT|PYTHONPYCACHEPREFIX",
                  "PYTHONEXECUTABLE|PYTHON_PRESITE|PYTHONCASEOK",
                  "PERL5LIB|PERLLIB|PERL5OPT|PERL5DB|PERL5DB_THREADED|PERL5SHELL",
                  "RUBYLIB|RUBYOPT|RUBYPATH|RUBYSHELL|RUBYGEMS_.*|GEM_HOME|GEM_PATH",
                  "BUNDLE_GEMFILE|NODE_OPTIONS|NODE_PATH|NODE_REPL_EXTERNAL_MODULE",
                  "JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH",
                  "DOTNET_STARTUP_HOOKS|(CORECLR|COR)_.*PROFIL.*|PSModulePath",
                  "PHPRC|PHP_INI_SCAN_DIR|LUA_INIT.*|LUA_PATH.*|LUA_CPATH.*|TCLLIBPATH",
                  "R_PROFILE.*|R_ENVIRON.*|R_LIBS.*|OPENSSL_(CONF|ENGINES|MODULES)",
                  "GIT_(SSH|SSH_COMMAND|EXEC_PATH|PROXY_COMMAND|ASKPASS|EDITOR|PAGER)",
                  "GIT_(SEQUENCE_EDITOR|EXTERNAL_DIFF|TEMPLATE_DIR|CONFIG.*)")));

  private VariableNames() {}

  public static boolean isValid(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * Whether the variable makes a loader, a shell or an interpreter run other code than the script.
   */
  public static boolean loadsCode(String name) {
    return LOADS_CODE.matcher(name).matches();
  }
}
