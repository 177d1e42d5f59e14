package io.maskstream.viewer;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;

/**
 * Answers HEAD with the status and the headers of GET. Javalin by itself answers 200 wherever there
 * is a route for GET, also where GET finds nothing. Jetty leaves the body out.
 */
final class HeadRequests extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** Lets a server answer so; streams without end remain possible. */
  static void install(ServletContextHandler server) {
    FilterHolder filter = new FilterHolder(new HeadRequests());
    filter.setAsyncSupported(true);
    server.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    boolean asGet = request.getMethod().equals("HEAD") && !isEndless(request);
    chain.doFilter(asGet ? new AsGet(request) : request, response);
  }

  private static boolean isEndless(HttpServletRequest request) {
    return request.getRequestURI().equals(EventStream.PATH);
  }

  private static final class AsGet extends HttpServletRequestWrapper {
    AsGet(HttpServletRequest request) {
      super(request);
    }

    @Override
    public String getMethod() {
      return "GET";
    }
  }
}
