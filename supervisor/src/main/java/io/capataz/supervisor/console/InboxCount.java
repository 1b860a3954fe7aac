package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Tells the navigation of every page how many decisions wait for the reader. */
@Component
class InboxCount implements HandlerInterceptor, WebMvcConfigurer {

  private static final int AFTER_THE_GUARD = 60;

  private final InboxPages inbox;

  InboxCount(InboxPages inbox) {
    this.inbox = inbox;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).addPathPatterns("/console", "/console/**").order(AFTER_THE_GUARD);
  }

  @Override
  public void postHandle(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable ModelAndView page) {
    if (page != null
        && isWholePage(page.getViewName())
        && Caller.of(request) instanceof Caller.Member member) {
      page.addObject("inboxCount", inbox.count(member.organization()));
    }
  }

  private static boolean isWholePage(@Nullable String view) {
    return view != null && !view.startsWith("redirect:") && !view.contains("::");
  }
}
